/** A passage in its context, the match marked. Line ends are kept, what shows nothing is named. */

import { useMemo } from "react";
import { CodePoints } from "./codePoints";
import { visibleParts } from "./invisible";
import style from "./Snippet.module.css";

interface SnippetProps {
  text: string;
  /** Code points, half-open. */
  highlight: readonly [number, number];
}

export function Snippet({ text, highlight: [first, last] }: SnippetProps) {
  const points = useMemo(() => new CodePoints(text), [text]);
  const start = points.toUtf16(first);
  const end = Math.max(start, points.toUtf16(last));
  return (
    <div className={`foreign ${style.snippet}`} dir="auto">
      <Visible text={text.slice(0, start)} />
      <mark>
        <Visible text={text.slice(start, end)} />
      </mark>
      <Visible text={text.slice(end)} />
    </div>
  );
}

/** A text in which what shows nothing is named. */
export function Visible({ text }: { text: string }) {
  return visibleParts(text).map(({ text: part, name }, at) =>
    name === null ? (
      part
    ) : (
      <span key={at} className={style.invisible} data-name={name}>
        <span className={style.itself}>{part}</span>
      </span>
    ),
  );
}
