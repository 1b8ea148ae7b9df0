/** A text in parts that are laid out one at a time, so that only what is near the window costs. */

import { edgeBefore } from "./graphemes";

export interface TextRange {
  start: number;
  end: number;
}

/** Shorter sections are not worth their element, longer ones take long to lay out. */
const LEAST = 1_500;
/** What bounds the number of sections of a long text. */
const MOST_SECTIONS = 200;
/** A line that is longer is broken: browsers take ever longer over long lines. */
export const LONGEST_LINE = 20_000;

/** How long sections should be. */
export function lengthOfSections(length: number): number {
  return Math.max(LEAST, Math.ceil(length / MOST_SECTIONS));
}

/** [start, end) cut after lines, or within lines that are too long. A line's end stands at the end of its section. */
export function cutLines(text: string, start: number, end: number, length: number): TextRange[] {
  const ranges: TextRange[] = [];
  let from = start;
  while (from < end) {
    const to = cutAfter(text, from, end, length);
    ranges.push({ start: from, end: to });
    from = to;
  }
  return ranges;
}

function cutAfter(text: string, from: number, end: number, length: number): number {
  const most = Math.max(length, LONGEST_LINE);
  if (from + length >= end) return end;
  const line = text.indexOf("\n", from + length - 1) + 1;
  if (line > 0 && line <= Math.min(end, from + most)) return line;
  if (end - from <= most) return end;
  const before = text.lastIndexOf("\n", from + most - 1) + 1;
  return before > from ? before : edgeBefore(text, from, from + most);
}
