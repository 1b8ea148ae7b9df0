/** A text cut where passages begin and end. Passages may overlap, and may be of a longer text than is shown. */

import { CodePoints } from "../text/codePoints";
import type { WorstPassage } from "./report";

export interface Stretch {
  text: string;
  /** Numbers of the passages over it. */
  passages: readonly number[];
}

export function stretchesOf(text: string, passages: readonly WorstPassage[]): Stretch[] {
  const points = new CodePoints(text);
  const places = passages.map(({ start, end }) => [points.toUtf16(start), points.toUtf16(end)] as const);
  const cuts = [...new Set([0, ...places.flat(), text.length])].sort((one, other) => one - other);
  const found: Stretch[] = [];
  for (const [place, from] of cuts.entries()) {
    const to = cuts[place + 1];
    if (to === undefined) break;
    const over = places.flatMap(([start, end], number) => (start <= from && to <= end ? number : []));
    found.push({ text: text.slice(from, to), passages: over });
  }
  return found;
}
