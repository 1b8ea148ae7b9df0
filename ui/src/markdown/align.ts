/**
 * Where the characters of a parsed node stand in the source. The parser says where a node begins and ends; within it the
 * node's value lacks what is markup: escapes, references, indentation, the marks of quotes. Value and source are walked
 * together; what cannot be explained is not aligned, and its block is shown as source.
 */

import { decodeNamedCharacterReference } from "decode-named-character-reference";

/** A text and, for each of its units, the unit of the source that it stands at; `at` has one more: the end. */
export interface Aligned {
  text: string;
  at: Uint32Array;
}

const REFERENCE = /&(?:#(\d{1,7})|#[xX]([0-9a-fA-F]{1,6})|([0-9a-zA-Z]{1,31}));/y;
const PREFIX = /[ \t>]/;
const NEWLINE = /\r\n|\n|\r/y;

/** A part of the source as it is. */
export function verbatim(source: string, start: number, end: number): Aligned {
  const at = new Uint32Array(end - start + 1);
  for (let unit = 0; unit < at.length; unit++) at[unit] = start + unit;
  return { text: source.slice(start, end), at };
}

/** The value of a text node; null: it cannot be aligned. */
export function alignText(value: string, source: string, start: number, end: number): Aligned | null {
  if (source.slice(start, end) === value) return verbatim(source, start, end);
  const at = new Uint32Array(value.length + 1);
  let from = start;
  let unit = 0;
  while (unit < value.length) {
    if (from >= end) return null;
    const reference = referenceAt(source, from, end);
    if (reference && decodes(reference, value, unit)) {
      at.fill(from, unit, unit + reference.width);
      unit += reference.width;
      from += reference.length;
    } else if (value[unit] === "\n") {
      const newline = newlineAt(source, from, end);
      if (!newline) return null;
      at[unit++] = newline.at;
      from = newline.next;
      while (from < end && PREFIX.test(source[from] ?? "") && source[from] !== value[unit]) from++;
    } else {
      if (source[from] === "\\" && isEscaped(source[from + 1]) && source[from + 1] === value[unit]) from++;
      if (!same(source[from], value[unit])) return null;
      at[unit++] = from++;
    }
  }
  at[value.length] = from;
  return { text: value, at };
}

/** The value of a code span: line ends are spaces in it, and one space at each side is markup. */
export function alignInlineCode(value: string, source: string, start: number, end: number): Aligned | null {
  let from = start;
  while (from < end && source[from] === "`") from++;
  const last = end - (from - start);
  return spanAt(value, source, from, last) ?? spanAt(value, source, from + widthAt(source, from), last);
}

function spanAt(value: string, source: string, start: number, end: number): Aligned | null {
  const at = new Uint32Array(value.length + 1);
  let from = start;
  for (let unit = 0; unit < value.length; unit++) {
    const isSame = same(source[from], value[unit]) || (isLineEnd(source[from]) && value[unit] === " ");
    if (!isSame || from >= end) return null;
    at[unit] = from;
    from += value[unit] === "\r" ? 1 : widthAt(source, from);
  }
  at[value.length] = from;
  // What is left can only be the space at the end.
  return end - from <= widthAt(source, from) ? { text: value, at } : null;
}

function widthAt(source: string, from: number): number {
  return source.startsWith("\r\n", from) ? 2 : 1;
}

function isLineEnd(unit: string | undefined): boolean {
  return unit === "\n" || unit === "\r";
}

/** The value of a code block: each of its lines ends a line of the source. */
export function alignCode(value: string, source: string, start: number, end: number): Aligned | null {
  if (value === "") return verbatim(source, end, end);
  const at = new Uint32Array(value.length + 1);
  const lines = linesOf(source, start, end);
  const skipped = source.startsWith("```", start) || source.startsWith("~~~", start) ? 1 : 0;
  let unit = 0;
  for (const [number, line] of linesOf(value, 0, value.length).entries()) {
    const wanted = value.slice(line.start, line.end);
    const found = lines[number + skipped];
    if (!found || found.end - wanted.length < found.start) return null;
    const from = found.end - wanted.length;
    for (let place = 0; place < wanted.length; place++) {
      if (!same(source[from + place], wanted[place])) return null;
      at[unit++] = from + place;
    }
    at.fill(found.end, unit, line.next);
    unit = line.next;
  }
  at[value.length] = Math.min((at[value.length - 1] ?? start) + 1, end);
  return { text: value, at };
}

interface Reference {
  decoded: string;
  /** Units of what it stands for, and of itself. */
  width: number;
  length: number;
}

function referenceAt(source: string, from: number, end: number): Reference | null {
  if (source[from] !== "&") return null;
  REFERENCE.lastIndex = from;
  const found = REFERENCE.exec(source);
  if (!found || from + found[0].length > end) return null;
  const [whole, decimal, hexadecimal, name] = found;
  const decoded = name === undefined ? "" : decodeNamedCharacterReference(name);
  if (decoded === false) return null;
  if (name !== undefined) return { decoded, width: decoded.length, length: whole.length };
  const point = decimal ? Number.parseInt(decimal, 10) : Number.parseInt(hexadecimal ?? "", 16);
  // The parser has its own rules of which code points may not be meant; those are all shown as U+FFFD.
  const meant = point > 0x10ffff ? "\ufffd" : String.fromCodePoint(point);
  return { decoded: meant, width: meant.length, length: whole.length };
}

function decodes(reference: Reference, value: string, unit: number): boolean {
  if (value.startsWith(reference.decoded, unit)) return true;
  if (value[unit] !== "\ufffd") return false;
  reference.width = 1;
  return true;
}

function newlineAt(source: string, from: number, end: number): { at: number; next: number } | null {
  let at = from;
  while (at < end && (source[at] === " " || source[at] === "\t")) at++;
  NEWLINE.lastIndex = at;
  const found = NEWLINE.exec(source);
  return found && at < end ? { at, next: at + found[0].length } : null;
}

interface Line {
  start: number;
  end: number;
  /** Where the next one begins. */
  next: number;
}

function linesOf(source: string, start: number, end: number): Line[] {
  const lines: Line[] = [];
  const newline = /\r\n|\n|\r/g;
  newline.lastIndex = start;
  let begin = start;
  for (let found = newline.exec(source); found && found.index < end; found = newline.exec(source)) {
    const next = Math.min(found.index + found[0].length, end);
    lines.push({ start: begin, end: found.index, next });
    begin = next;
  }
  lines.push({ start: begin, end, next: end });
  return lines;
}

function isEscaped(unit: string | undefined): boolean {
  return unit !== undefined && /[!-/:-@[-`{-~]/.test(unit);
}

/** The parser replaces NUL. */
function same(source: string | undefined, value: string | undefined): boolean {
  return source === value || (source === "\0" && value === "\ufffd");
}
