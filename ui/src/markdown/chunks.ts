/**
 * A text cut where markdown begins anew. The parser's time can grow with the square of what it is given, so it is given
 * little at a time: a hostile text costs no more than a long one.
 */

export interface Chunk {
  start: number;
  end: number;
  /** Too long to be read as markdown. */
  isLong: boolean;
}

/** Units of a chunk that are read as markdown; code in fences may be longer, since it is not looked into. */
export const LONGEST_CHUNK = 4_000;
const FENCE = /^ {0,3}(`{3,}|~{3,})/;
/** What may go on with a list, a quote, or code. */
const CONTINUES = /^(?:[ \t>]|[-*+](?:[ \t]|$)|\d{1,9}[.)](?:[ \t]|$))/;

export function chunks(source: string): Chunk[] {
  const found: Chunk[] = [];
  let start = 0;
  let isBlank = true;
  let fence: string | null = null;
  let isCode = false;
  for (let at = 0; at < source.length; ) {
    const next = nextLine(source, at);
    const line = source.slice(at, Math.min(next, at + LONGEST_CHUNK));
    const mark = FENCE.exec(line)?.[1] ?? null;
    if (fence === null && at > start && ((isBlank && !CONTINUES.test(line)) || mark !== null)) {
      add(found, start, at, isCode);
      start = at;
      isCode = false;
    }
    if (fence === null && mark !== null) {
      fence = mark;
      isCode = true;
    } else if (fence !== null && mark?.startsWith(fence) && line.trim() === mark) {
      fence = null;
      add(found, start, next, isCode);
      start = next;
      isCode = false;
    }
    isBlank = line.trim() === "";
    at = next;
  }
  if (start < source.length) add(found, start, source.length, isCode);
  return found;
}

function add(found: Chunk[], start: number, end: number, isCode: boolean): void {
  found.push({ start, end, isLong: !isCode && end - start > LONGEST_CHUNK });
}

function nextLine(source: string, at: number): number {
  const newline = /\r\n|\n|\r/g;
  newline.lastIndex = at;
  return newline.exec(source) ? newline.lastIndex : source.length;
}
