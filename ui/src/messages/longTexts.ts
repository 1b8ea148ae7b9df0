/** Long texts in pieces. */

const LONGEST = 4_000;
const MOST_LINES = 60;
/** A little more than what is shown is shown whole. */
const LENIENCE = 1.25;
const BLOCK = 8_000;

/** Where a text is cut: its length, where it is not long. Never within a character. */
export function cutAt(text: string, longest = LONGEST, mostLines = MOST_LINES): number {
  let end = text.length > longest * LENIENCE ? longest : text.length;
  const byLines = afterLines(text, mostLines);
  if (byLines < end && afterLines(text, Math.ceil(mostLines * LENIENCE)) < text.length) end = byLines;
  return end < text.length && splitsPair(text, end) ? end - 1 : end;
}

function afterLines(text: string, lines: number): number {
  let at = -1;
  for (let line = 0; line < lines; line += 1) {
    at = text.indexOf("\n", at + 1);
    if (at < 0) return text.length;
  }
  return at;
}

function splitsPair(text: string, at: number): boolean {
  const before = text.charCodeAt(at - 1);
  return before >= 0xd800 && before < 0xdc00;
}

/** A text in blocks of whole lines, of which a browser lays out those that are seen. The line break between two blocks is theirs. */
export function blocksOf(text: string, size = BLOCK): string[] {
  const blocks: string[] = [];
  let from = 0;
  while (text.length - from > size) {
    const end = text.indexOf("\n", from + size);
    if (end < 0) break;
    blocks.push(text.slice(from, end));
    from = end + 1;
  }
  blocks.push(text.slice(from));
  return blocks;
}
