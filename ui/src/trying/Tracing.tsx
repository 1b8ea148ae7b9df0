import { useEffect, useState } from "react";
import { useService } from "../api/service";
import { Button } from "../ui/controls";
import { plural } from "../ui/format";
import style from "./Tracing.module.css";

/** What takes no longer is not worth a word. */
const PATIENCE_MS = 300;
const SECOND_MS = 1_000;

interface TracingProps {
  characters: number;
  /** How often the service had no room for it. */
  refusals: number;
  onCancel: () => void;
}

/** How long a trace has taken, and how long it may. */
export function Tracing({ characters, refusals, onCancel }: TracingProps) {
  const deadline = useService().data?.limits.deadline_s;
  const [waited, setWaited] = useState(0);
  useEffect(() => {
    const began = performance.now();
    const look = () => setWaited(performance.now() - began);
    const first = setTimeout(look, PATIENCE_MS);
    const timer = setInterval(look, SECOND_MS);
    return () => {
      clearTimeout(first);
      clearInterval(timer);
    };
  }, []);
  const isShown = waited >= PATIENCE_MS;
  return (
    <div className={style.tracing}>
      <div role="status" aria-busy="true">
        {isShown ? `Tracing ${plural(characters, "character")}…` : null}
        {isShown && refusals > 0 ? " The service is busy; it is asked again." : null}
      </div>
      {isShown ? (
        <>
          <progress
            className={style.progress}
            aria-label="Time that the search may take"
            max={deadline}
            value={deadline ? Math.min(waited / SECOND_MS, deadline) : undefined}
          />
          <span aria-hidden="true" className={style.time}>
            {Math.floor(waited / SECOND_MS)} s{deadline ? ` of at most ${deadline} s` : ""}
          </span>
          <Button onClick={onCancel}>Cancel</Button>
        </>
      ) : null}
    </div>
  );
}
