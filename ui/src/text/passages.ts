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
  const lanes = lanesOf(sorted);
  const shaded = tokens.filter((token) => within(token, length)).sort(byStart);
  const cuts = cutsOf(length, [...sorted, ...shaded]);
  const found: Piece[] = [];
  let next = 0;
  let nextToken = 0;
  let open: Passage[] = [];
  for (let cut = 0; cut + 1 < cuts.length; cut++) {
    const start = cuts[cut] ?? 0;
    const end = cuts[cut + 1] ?? length;
    open = open.filter((passage) => passage.end > start);
    for (let one = sorted[next]; one && one.start <= start; one = sorted[next]) {
      open.push(one);
      next++;
    }
    while ((shaded[nextToken]?.end ?? length + 1) <= start) nextToken++;
    const token = shaded[nextToken];
    const covers = open.map((passage) => ({
      passage,
      lane: lanes.get(passage) ?? 0,
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

function byStart(one: { start: number; end: number }, other: { start: number; end: number }): number {
  return one.start - other.start || one.end - other.end;
}

function cutsOf(length: number, ranges: readonly { start: number; end: number }[]): number[] {
  const cuts = new Set<number>([0, length]);
  for (const { start, end } of ranges) cuts.add(start).add(end);
  return [...cuts].sort((one, other) => one - other);
}

/** For each passage the lowest lane that is free where it begins. */
function lanesOf(sorted: readonly Passage[]): Map<Passage, number> {
  const ends: number[] = [];
  const lanes = new Map<Passage, number>();
  for (const passage of sorted) {
    const free = ends.findIndex((end) => end <= passage.start);
    const lane = free < 0 ? ends.length : free;
    ends[lane] = passage.end;
    lanes.set(passage, lane);
  }
  return lanes;
}

const ORDER: readonly (Strength | null)[] = ["high", "medium", "low", null];

/** The strongest of what covers a piece. */
export function strongest(covers: readonly Cover[]): Strength | null {
  return ORDER[Math.min(...covers.map((cover) => ORDER.indexOf(cover.passage.strength)))] ?? null;
}
