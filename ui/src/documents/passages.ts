/** Passages of a document: where they stand, and which of them is looked at. */

import type { Schema } from "../api/client";
import { CodePoints } from "../text/codePoints";

/** Places are code points of the document, half-open. */
export interface DocumentPassage {
  start: number;
  end: number;
  /** Its place in the generation's spans; null: it was looked for by its text. */
  span: number | null;
}

/** Those that a generation quotes, in the order of the document. */
export function passagesOf(
  provenance: Schema["ProvenanceModel"] | null,
  index: string,
  id: string,
): DocumentPassage[] {
  const found = provenance?.documents.find((document) => document.index === index && document.id === id);
  return (found?.snippets ?? [])
    .map(({ start, highlight: [first = 0, last = 0], span }) => ({
      start: start + first,
      end: start + last,
      span,
    }))
    .sort((one, other) => one.start - other.start || one.end - other.end);
}

/** The passage that is looked at from a character: the last that has begun there; -1: none has. */
export function passageAt(passages: readonly DocumentPassage[], at: number): number {
  return passages.findLastIndex((passage) => passage.start <= at);
}

export interface Section {
  /** Code points of the document. */
  start: number;
  text: string;
}

export interface Cut {
  /** Where the text begins, in code points of the document. */
  start: number;
  /** Code points of the section; what stands beyond them belongs to the next one. */
  length: number;
  /** How far a line may reach into the next section, in code points. */
  beyond: number;
  isLast: boolean;
}

/**
 * What is shown of a section: from the first line that begins in it to the first that begins in the next one, so that no
 * line is torn unless it is longer than what is read beyond.
 */
export function cutSection(text: string, { start, length, beyond, isLast }: Cut): Section {
  const points = new CodePoints(text);
  const from = start === 0 ? 0 : borderAfter(text, points, 0, beyond);
  const to = isLast ? text.length : borderAfter(text, points, length, beyond);
  return { start: start + points.toCodePoint(from), text: text.slice(from, Math.max(from, to)) };
}

/** Where the first line begins after a code point; the point itself where none does soon. In units. */
function borderAfter(text: string, points: CodePoints, point: number, beyond: number): number {
  const border = points.toUtf16(point);
  const newline = text.indexOf("\n", border);
  return newline >= 0 && newline < points.toUtf16(point + beyond) ? newline + 1 : border;
}
