/** Runs of characters as they are drawn: a slice for each change of the passages over them. */

import type { Run } from "../markdown/model";
import type { Cover, Piece, ShadedToken } from "./passages";

export interface SlicePart {
  text: string;
  token: ShadedToken | null;
}

export interface Slice {
  start: number;
  covers: readonly Cover[];
  /** Places of the passages that are first seen here, and last. */
  begin: readonly number[];
  end: readonly number[];
  parts: SlicePart[];
}

export function slicesOf(text: string, pieces: readonly Piece[], runs: readonly Run[]): Slice[] {
  const slices: { slice: Slice; last: Piece }[] = [];
  for (const run of runs) {
    let at = pieceAt(pieces, run.start);
    for (
      let piece = pieces[at];
      piece && (piece.start < run.end || run.start === run.end);
      piece = pieces[++at]
    ) {
      const isUnit = run.shown !== undefined;
      const start = Math.max(run.start, piece.start);
      const end = isUnit ? run.end : Math.min(run.end, piece.end);
      const last = isUnit ? (pieces[pieceAt(pieces, run.end - 1)] ?? piece) : piece;
      add(slices, { piece, last, start, end, text: run.shown ?? text.slice(start, end) });
      if (isUnit || piece.end >= run.end) break;
    }
  }
  return slices.map(({ slice }) => slice);
}

interface Added {
  piece: Piece;
  /** The piece that it ends in; a token may end within what is shown as one. */
  last: Piece;
  start: number;
  end: number;
  text: string;
}

function add(to: { slice: Slice; last: Piece }[], { piece, last, start, end, text }: Added): void {
  const before = to.at(-1);
  const ends = last.covers
    .filter((cover) => cover.ends && end >= last.end)
    .map(({ passage }) => passage.place);
  if (before && isSame(before.last, piece)) {
    const part = before.slice.parts.at(-1);
    if (part && part.token === piece.token) part.text += text;
    else before.slice.parts.push({ text, token: piece.token });
    before.last = last;
    before.slice.end = ends;
    return;
  }
  const begin = piece.covers
    .filter((cover) => cover.begins && start <= piece.start)
    .map(({ passage }) => passage.place);
  const parts = [{ text, token: piece.token }];
  to.push({ last, slice: { start, covers: piece.covers, begin, end: ends, parts } });
}

/** Whether two pieces have the same passages; then only a token ends between them. */
function isSame(one: Piece, other: Piece): boolean {
  return (
    one === other ||
    (one.covers.length === other.covers.length &&
      one.covers.every(({ passage }, at) => passage.place === other.covers[at]?.passage.place))
  );
}

function pieceAt(pieces: readonly Piece[], place: number): number {
  let low = 0;
  let high = pieces.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((pieces[middle]?.start ?? 0) <= place) low = middle;
    else high = middle - 1;
  }
  return Math.max(0, low);
}
