/** A text cut at every edge of its passages, so that each piece has the same passages from its first to its last unit. */

export type Strength = "high" | "medium" | "low" | null;

export interface Passage {
  /** UTF-16, half-open. */
  start: number;
  end: number;
  strength: Strength;
  /** Place in the provenance's `spans`. */
  place: number;
}

/** A passage as it stands over one piece. */
export interface Cover {
  passage: Passage;
  /** Passages that overlap have different lanes; a passage keeps its lane from its first piece to its last. */
  lane: number;
  begins: boolean;
  ends: boolean;
}

export interface Piece {
  start: number;
  end: number;
  /** Empty: no passage stands here. In the order in which they begin. */
  covers: readonly Cover[];
  /** The passages' names in one word, for what is the same from piece to piece. */
  key: string;
}

/** Passages over one piece beyond which those that began first are left out of it: hostile data must not cost squares. */
export const MOST_COVERS = 32;

/** Cuts [0, length) at every edge of the passages. Two passages that touch are two pieces, never one. */
export function pieces(length: number, passages: readonly Passage[]): Piece[] {
  const known = passages
    .map((passage) => ({ passage, start: Math.max(0, passage.start), end: Math.min(length, passage.end) }))
    .filter(({ start, end }) => start < end);
  const byStart = known.sort(
    (a, b) => a.start - b.start || b.end - a.end || a.passage.place - b.passage.place,
  );
  const edges = [...new Set([0, length, ...known.flatMap(({ start, end }) => [start, end])])].sort(
    (a, b) => a - b,
  );
  const lanes: boolean[] = [];
  let over: { passage: Passage; start: number; end: number; lane: number }[] = [];
  let next = 0;
  const cut: Piece[] = [];
  for (let at = 0; at + 1 < edges.length; at += 1) {
    const [start = 0, end = 0] = [edges[at], edges[at + 1]];
    over = over.filter((one) => {
      if (one.end > start) return true;
      lanes[one.lane] = false;
      return false;
    });
    for (let one = byStart[next]; one && one.start === start; one = byStart[next]) {
      const free = lanes.indexOf(false);
      const lane = free < 0 ? lanes.length : free;
      lanes[lane] = true;
      over.push({ ...one, lane });
      next += 1;
    }
    const covers = over.slice(-MOST_COVERS).map((one) => ({
      passage: one.passage,
      lane: one.lane,
      begins: one.start === start,
      ends: one.end === end,
    }));
    cut.push({ start, end, covers, key: covers.map(({ passage }) => passage.place).join(" ") });
  }
  return cut;
}
