import { useEffect, useRef, useState } from "react";
import { TextField } from "../../ui/controls";

interface FindFieldProps {
  value: string;
  onFind: (value: string) => void;
}

/** A pause in typing that is long enough to look for what was typed. */
const SETTLED_MS = 150;

export function FindField({ value, onFind }: FindFieldProps) {
  const [draft, setDraft] = useState(value);
  const sent = useRef(value);
  const find = useRef(onFind);
  useEffect(() => {
    find.current = onFind;
  });
  useEffect(() => {
    if (value !== sent.current) {
      sent.current = value;
      setDraft(value);
    }
  }, [value]);
  useEffect(() => {
    const timer = setTimeout(() => {
      if (draft === sent.current) return;
      sent.current = draft;
      find.current(draft);
    }, SETTLED_MS);
    return () => clearTimeout(timer);
  }, [draft]);
  return (
    <TextField
      label="Find spans"
      labelUnseen
      type="search"
      placeholder="Find spans by name"
      value={draft}
      onChange={(event) => setDraft(event.target.value)}
    />
  );
}
