import { useEffect, useState } from "react";
import { Button } from "../ui/controls";

const SAID_MS = 2_000;

/** Puts a text on the clipboard. Browsers have one for pages from this machine and for encrypted ones only. */
export function CopyButton({ text, what }: { text: () => string; what: string }) {
  const [said, setSaid] = useState<string | null>(null);
  useEffect(() => {
    const timer = said === null ? undefined : setTimeout(() => setSaid(null), SAID_MS);
    return () => clearTimeout(timer);
  }, [said]);
  if (!navigator.clipboard) return null;
  return (
    <>
      <Button
        look="plain"
        aria-label={`Copy: ${what}`}
        onClick={() =>
          void navigator.clipboard.writeText(text()).then(
            () => setSaid("Copied"),
            () => setSaid("Not copied"),
          )
        }
      >
        {said ?? "Copy"}
      </Button>
      <span role="status" className="unseen">
        {said}
      </span>
    </>
  );
}
