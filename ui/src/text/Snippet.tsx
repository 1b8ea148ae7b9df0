/** A passage in its context, the match marked. */

import { useMemo } from "react";
import { CodePoints } from "./codePoints";
import style from "./Snippet.module.css";

interface SnippetProps {
  text: string;
  /** Code points, half-open. */
  highlight: readonly [number, number];
}

export function Snippet({ text, highlight: [first, last] }: SnippetProps) {
  const points = useMemo(() => new CodePoints(text), [text]);
  const start = points.toUtf16(first);
  const end = points.toUtf16(last);
  return (
    <div className={`foreign ${style.snippet}`} dir="auto">
      {text.slice(0, start)}
      <mark>{text.slice(start, end)}</mark>
      {text.slice(end)}
    </div>
  );
}
