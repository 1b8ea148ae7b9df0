/** An input whose text counts when it is finished: Enter, or going elsewhere. */

import { type ComponentProps, useState } from "react";
import { TextField } from "../../ui/controls";

interface DraftFieldProps extends Omit<ComponentProps<typeof TextField>, "value" | "onChange"> {
  value: string;
  /** Called with what was typed, where it is valid. */
  onCommit: (value: string) => void;
}

export function DraftField({ value, onCommit, ...rest }: DraftFieldProps) {
  const [draft, setDraft] = useState(value);
  const [before, setBefore] = useState(value);
  const [valid, setValid] = useState(true);
  if (before !== value) {
    setBefore(value);
    setDraft(value);
    setValid(true);
  }
  const commit = (input: HTMLInputElement) => {
    const isValid = input.validity.valid;
    setValid(isValid);
    if (isValid && draft !== value) onCommit(draft);
  };
  return (
    <TextField
      {...rest}
      value={draft}
      aria-invalid={!valid}
      onChange={(event) => setDraft(event.target.value)}
      onBlur={(event) => commit(event.currentTarget)}
      onKeyDown={(event) => {
        if (event.key === "Enter") commit(event.currentTarget);
      }}
    />
  );
}
