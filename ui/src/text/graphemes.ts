/** What a reader sees as one character is never cut: no browser marks half of one. */

const AROUND = 64;
const segmenter = new Intl.Segmenter(undefined, { granularity: "grapheme" });
/** Between two of these there is always an edge, the halves of a line's end excepted. */
const isPlain = (unit: number) => unit >= 0x20 && unit < 0x7f;

/** The character around a place: where it begins and ends; both are the place itself where no character is cut. */
export function around(text: string, at: number): { start: number; end: number } {
  if (at <= 0 || at >= text.length) return { start: at, end: at };
  const after = text.charCodeAt(at);
  if (isPlain(after) && isPlain(text.charCodeAt(at - 1))) return { start: at, end: at };
  const from = Math.max(0, at - AROUND);
  const found = segmenter.segment(text.slice(from, at + AROUND)).containing(at - from);
  if (!found || found.index === at - from) return { start: at, end: at };
  return { start: from + found.index, end: from + found.index + found.segment.length };
}

/** The last place up to `at`, and after `from`, that cuts no character. */
export function edgeBefore(text: string, from: number, at: number): number {
  const { start } = around(text, at);
  return start > from ? start : at;
}

/** A range made as much longer as it takes to hold whole characters. */
export function whole<R extends { start: number; end: number }>(text: string, range: R): R {
  const { start } = around(text, range.start);
  const { end } = around(text, range.end);
  return start === range.start && end === range.end ? range : { ...range, start, end };
}
