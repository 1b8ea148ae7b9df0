import { formatDuration } from "../../ui/format";
import type { TRACE_VIEWS } from "../search";
import style from "./SpanTree.module.css";
import { type Stretch, ticksOf } from "./timeScale";

const TICKS = 5;

/** What the columns are; rows say it again in their names, so that screen readers need no heading. */
export function Axis({ view, stretch }: { view: (typeof TRACE_VIEWS)[number]; stretch: Stretch }) {
  return (
    <div className={style.axis} aria-hidden="true">
      <span>Span</span>
      {view === "tree" ? (
        <>
          <span className={style.figure}>Duration</span>
          <span className={`${style.figure} ${style.tokens}`}>Tokens</span>
          <span className={`${style.figure} ${style.cost}`}>Cost</span>
          <span className={style.figure}>Coverage</span>
        </>
      ) : (
        <span className={style.track}>
          {ticksOf(stretch, TICKS).map(({ time, share }) => (
            <span key={time} className={style.tick} style={{ insetInlineStart: `${share * 100}%` }}>
              {time === 0 ? "0" : formatDuration(time)}
            </span>
          ))}
        </span>
      )}
    </div>
  );
}
