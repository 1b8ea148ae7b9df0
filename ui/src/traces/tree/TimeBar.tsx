import style from "./SpanTree.module.css";
import type { Span } from "./spans";
import { barOf, type Stretch } from "./timeScale";
import { durationOf } from "./words";

/** Where a span stands on the time axis, and how long it took. */
export function TimeBar({ span, stretch }: { span: Span; stretch: Stretch }) {
  const bar = barOf(span, stretch);
  if (!bar) return <span className={style.noTime}>start unknown</span>;
  const percent = (share: number) => `${share * 100}%`;
  const words = `${durationOf(span)}${bar.kind === "reversed" ? ", clocks differ" : ""}`;
  return (
    <span className={style.track}>
      <span
        className={style.bar}
        data-kind={bar.kind}
        data-span={span.kind}
        data-failed={span.status === "error"}
        style={{ insetInlineStart: percent(bar.start), inlineSize: percent(bar.length) }}
      />
      {bar.firstToken === null ? null : (
        <span className={style.firstToken} style={{ insetInlineStart: percent(bar.firstToken) }} />
      )}
      <span className={style.barWords} style={{ insetInlineStart: percent(bar.start + bar.length) }}>
        {words}
      </span>
    </span>
  );
}
