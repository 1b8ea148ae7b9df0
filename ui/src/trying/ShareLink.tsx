import { useState } from "react";
import { Button, TextField } from "../ui/controls";

type Outcome = "none" | "copied" | "refused";

/** Copies the address, which holds all that is needed to see the same. */
export function ShareLink() {
  const [outcome, setOutcome] = useState<Outcome>("none");
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(location.href);
      setOutcome("copied");
    } catch {
      // A page that was not loaded by https may not write there, nor one whose reader does not let it.
      setOutcome("refused");
    }
  };
  return (
    <>
      <Button onClick={() => void copy()}>Copy the link</Button>
      <span role="status">{outcome === "copied" ? "Copied." : null}</span>
      {outcome === "refused" ? (
        <TextField
          label="Link to copy"
          readOnly
          value={location.href}
          onFocus={(event) => event.target.select()}
        />
      ) : null}
    </>
  );
}
