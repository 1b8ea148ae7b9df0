import { useEffect, useRef, useState } from "react";
import type { LiveState } from "../../api/live";
import { Button } from "../../ui/controls";
import { plural } from "../../ui/format";
import style from "./live.module.css";

const STATE_WORDS: Record<LiveState, string> = {
  off: "",
  connecting: "Connecting…",
  open: "Listening",
  waiting: "Trying again soon",
  refused: "Refused by the service",
};

interface LiveTailProps {
  on: boolean;
  state: LiveState;
  onToggle: (on: boolean) => void;
}

/** Whether new traces appear as they come. */
export function LiveTail({ on, state, onToggle }: LiveTailProps) {
  return (
    <span className={style.live}>
      <span role="status" aria-label="Live updates" className={style.state}>
        {on ? STATE_WORDS[state] : ""}
      </span>
      <Button aria-pressed={on} onClick={() => onToggle(!on)}>
        <span aria-hidden="true" className={`${style.dot} ${on && state === "open" ? style.beating : ""}`} />
        Live
      </Button>
    </span>
  );
}

const PAUSE_MS = 4_000;

/** Says how many traces came, to those who do not see them come; not more often than can be heard. */
export function Arrived({ count }: { count: number }) {
  const [said, setSaid] = useState({ count: 0, words: "" });
  const last = useRef(0);
  useEffect(() => {
    if (count <= said.count) return;
    const wait = Math.max(0, last.current + PAUSE_MS - performance.now());
    const timer = setTimeout(() => {
      last.current = performance.now();
      setSaid({ count, words: `${plural(count - said.count, "new trace")}` });
    }, wait);
    return () => clearTimeout(timer);
  }, [count, said.count]);
  return (
    <span role="status" aria-label="New traces" className="unseen">
      {said.words}
    </span>
  );
}
