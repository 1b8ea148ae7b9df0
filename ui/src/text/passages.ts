/** A text cut at every edge of its passages, so that each piece has all of the passages that cover it. */

export type Strength = "high" | "medium" | "low";

/** A passage that stands in the corpus. Places are UTF-16 units of the text, half-open. */
export interface Passage {
  start: number;
  end: number;
  /** How relevant its documents are; null: it has none. */
  strength: Strength | null;
  /** Its place in the provenance's spans. */
  place: number;
}

/** A token of the output. Places as for passages. */
export interface ShadedToken {
  start: number;
  end: number;
  /** From 0, the model was sure, to 1, it was not. */
  surprise: number;
  title: string;
}

/** A passage over a piece. */
export interface Cover {
  passage: Passage;
  /** Which of the lines under the text is its own: passages that overlap have different ones. */
  lane: number;
  /** Whether it begins, or ends, with the piece. */
  begins: boolean;
  ends: boolean;
}

export interface Piece {
  start: number;
  end: number;
  /** In the order of lanes. */
  covers: readonly Cover[];
  token: ShadedToken | null;
}

/** What covers a piece beyond this is left out of it, the earliest first: hostile data must not cost its square. */
const MOST_COVERS = 64;

/**
 * The text from 0 to `length` in pieces: without gaps, in order, none empty. Two passages of which one begins where the
 * other ends stay two. Of tokens that overlap, the first counts.
 */
export function pieces(
  length: number,
  passages: readonly Passage[],
  tokens: readonly ShadedToken[] = [],
): Piece[] {
  const sorted = passages.filter((passage) => within(passage, length)).sort(byStart);
  return cut(0, length, sorted, lanesOf(sorted), tokens);
}

/** The same for a part of a text. `sorted` and `tokens` are in the order of their starts and touch the part. */
export function cut(
  from: number,
  to: number,
  sorted: readonly Passage[],
  lanes: ReadonlyMap<number, number>,
  tokens: readonly ShadedToken[],
): Piece[] {
  const shaded = tokens.filter((token) => token.start < token.end).sort(byStart);
  const cuts = cutsOf(from, to, [...sorted, ...shaded]);
  const found: Piece[] = [];
  let next = 0;
  let nextToken = 0;
  let open: Passage[] = [];
  for (let at = 0; at + 1 < cuts.length; at++) {
    const start = cuts[at] ?? from;
    const end = cuts[at + 1] ?? to;
    open = open.filter((passage) => passage.end > start);
    for (let one = sorted[next]; one && one.start <= start; one = sorted[next]) {
      open.push(one);
      next++;
    }
    while ((shaded[nextToken]?.end ?? to + 1) <= start) nextToken++;
    const token = shaded[nextToken];
    const covers = open.slice(-MOST_COVERS).map((passage) => ({
      passage,
      lane: lanes.get(passage.place) ?? 0,
      begins: passage.start === start,
      ends: passage.end === end,
    }));
    covers.sort((one, other) => one.lane - other.lane);
    found.push({ start, end, covers, token: token && token.start <= start ? token : null });
  }
  return found;
}

function within({ start, end }: { start: number; end: number }, length: number): boolean {
  return start >= 0 && start < end && end <= length;
}

export function byStart(one: { start: number; end: number }, other: { start: number; end: number }): number {
  return one.start - other.start || one.end - other.end;
}

function cutsOf(from: number, to: number, ranges: readonly { start: number; end: number }[]): number[] {
  const cuts = new Set<number>(from < to ? [from, to] : []);
  for (const { start, end } of ranges) {
    if (start > from && start < to) cuts.add(start);
    if (end > from && end < to) cuts.add(end);
  }
  return [...cuts].sort((one, other) => one - other);
}

/** For the place of each passage the lowest lane that is free where it begins. */
export function lanesOf(sorted: readonly Passage[]): Map<number, number> {
  const ends: number[] = [];
  const lanes = new Map<number, number>();
  for (const passage of sorted) {
    const free = ends.findIndex((end) => end <= passage.start);
    const lane = free < 0 ? ends.length : free;
    ends[lane] = passage.end;
    lanes.set(passage.place, lane);
  }
  return lanes;
}

const ORDER: readonly (Strength | null)[] = ["high", "medium", "low", null];

/** The strongest of what covers a piece. */
export function strongest(covers: readonly Cover[]): Strength | null {
  return ORDER[Math.min(...covers.map((cover) => ORDER.indexOf(cover.passage.strength)))] ?? null;
}
