/** Which of the shown characters of a text belong to which passages, section by section, as sections are needed. */

import { type Block, type Range, type Run, runsOf } from "../markdown/model";
import { markdownSections } from "../markdown/sections";
import { whole } from "./graphemes";
import { byStart, cut, lanesOf, type Passage, type Piece, type ShadedToken } from "./passages";
import { cutLines, lengthOfSections } from "./sections";

/** A part of a text that is drawn by itself. */
export interface Section extends Range {
  /** Null: every character is shown as it is. */
  read: (() => Block[]) | null;
}

export function sectionsOf(text: string, view: "raw" | "chat"): Section[] {
  if (view === "chat") return markdownSections(text);
  return cutLines(text, 0, text.length, lengthOfSections(text.length)).map((range) => ({
    ...range,
    read: null,
  }));
}

/** How a section is drawn. */
export interface Drawn {
  /** Null: its source. */
  blocks: Block[] | null;
  pieces: Piece[];
  runs: Run[];
}

export class Marking {
  /** Places of the passages as they follow each other in the text. */
  readonly order: number[];
  /** Lines that lie under each other where passages overlap. */
  readonly laneCount: number;
  private readonly lanes: Map<number, number>;
  private readonly byPlace = new Map<number, Passage>();
  private readonly passagesIn: Passage[][];
  private readonly tokensIn: ShadedToken[][];
  private readonly drawn: (Drawn | undefined)[] = [];
  private readonly shown: (Pick<Drawn, "blocks" | "runs"> | undefined)[] = [];

  constructor(
    private readonly text: string,
    readonly sections: readonly Section[],
    passages: readonly Passage[],
    tokens: readonly ShadedToken[],
  ) {
    const sorted = passages
      .filter(({ start, end }) => start >= 0 && start < end && end <= text.length)
      .map((passage) => whole(text, passage))
      .sort(byStart);
    this.lanes = lanesOf(sorted);
    this.laneCount = Math.max(0, ...this.lanes.values()) + 1;
    this.order = sorted.map(({ place }) => place);
    for (const passage of sorted) this.byPlace.set(passage.place, passage);
    this.passagesIn = this.spread(sorted);
    this.tokensIn = this.spread(tokens.map((token) => whole(text, token)).sort(byStart));
  }

  /** Whether a passage reaches into a range of a section. */
  touches(section: number, { start, end }: Range): boolean {
    return this.passagesIn[section]?.some((passage) => passage.start < end && passage.end > start) === true;
  }

  lengthOf(place: number): number {
    const passage = this.byPlace.get(place);
    return passage ? passage.end - passage.start : 0;
  }

  /** The section in which a passage is first seen; null: it is nowhere. */
  sectionOf(place: number): number | null {
    const passage = this.byPlace.get(place);
    if (!passage) return null;
    for (let at = this.sectionAt(passage.start); at < this.sections.length; at++) {
      if ((this.sections[at]?.start ?? 0) >= passage.end) return null;
      if (this.extent(at, passage)) return at;
    }
    return null;
  }

  draw(section: number): Drawn {
    const known = this.drawn[section];
    if (known) return known;
    const { start, end } = this.sections[section] ?? { start: 0, end: 0 };
    const seen = (this.passagesIn[section] ?? []).flatMap((passage) => {
      const extent = this.extent(section, passage);
      return extent ? [{ passage, shown: { ...passage, ...extent } }] : [];
    });
    const shown = seen.map((one) => one.shown).sort(byStart);
    const goesOn = new Map(
      seen.map(({ passage }) => [
        passage.place,
        {
          before: passage.start < start && this.isSeen(passage, section, -1),
          after: passage.end > end && this.isSeen(passage, section, 1),
        },
      ]),
    );
    const pieces = cut(start, end, shown, this.lanes, this.tokensIn[section] ?? []).map((piece) => ({
      ...piece,
      covers: piece.covers.map((cover) => {
        const other = goesOn.get(cover.passage.place);
        return { ...cover, begins: cover.begins && !other?.before, ends: cover.ends && !other?.after };
      }),
    }));
    const drawn = { ...this.shownIn(section), pieces };
    this.drawn[section] = drawn;
    return drawn;
  }

  /** What is shown in a section; blocks of which a passage would be hidden are shown as their source. */
  private shownIn(section: number): Pick<Drawn, "blocks" | "runs"> {
    const known = this.shown[section];
    if (known) return known;
    const own = this.sections[section];
    const all = own ? [{ start: own.start, end: own.end }] : [];
    const touches = (range: Range) => this.touches(section, range);
    const read = own?.read?.() ?? null;
    let found: Pick<Drawn, "blocks" | "runs"> = { blocks: read, runs: read ? runsOf(read, touches) : all };
    if (read) {
      const { runs } = found;
      const hidden = (this.passagesIn[section] ?? []).filter((passage) => !extentIn(runs, passage));
      const blocks = hidden.length
        ? read.map((block) =>
            hidden.some((one) => one.start < block.end && one.end > block.start) ? asSource(block) : block,
          )
        : read;
      found = { blocks, runs: hidden.length ? runsOf(blocks, touches) : runs };
    }
    this.shown[section] = found;
    return found;
  }

  private extent(section: number, passage: Range): Range | null {
    return extentIn(this.shownIn(section).runs, passage);
  }

  private isSeen(passage: Passage, section: number, step: 1 | -1): boolean {
    for (let at = section + step; ; at += step) {
      const other = this.sections[at];
      if (!other || other.end <= passage.start || other.start >= passage.end) return false;
      if (this.extent(at, passage)) return true;
    }
  }

  private sectionAt(place: number): number {
    let low = 0;
    let high = this.sections.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((this.sections[middle]?.start ?? 0) <= place) low = middle;
      else high = middle - 1;
    }
    return low;
  }

  private spread<R extends Range>(ranges: readonly R[]): R[][] {
    const found: R[][] = this.sections.map(() => []);
    for (const range of ranges) {
      for (let at = this.sectionAt(range.start); at < this.sections.length; at++) {
        if ((this.sections[at]?.start ?? 0) >= range.end) break;
        found[at]?.push(range);
      }
    }
    return found;
  }

  /** The source of a section, for where it is not drawn yet. */
  sourceOf(section: number): string {
    const { start, end } = this.sections[section] ?? { start: 0, end: 0 };
    return this.text.slice(start, end);
  }
}

function asSource({ start, end }: Range): Block {
  return { kind: "source", start, end, runs: [{ start, end }], why: null };
}

/** From the first to the last of a passage's characters that are shown; null: none is. */
function extentIn(runs: readonly Run[], { start, end }: Range): Range | null {
  let low = 0;
  let high = runs.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((runs[middle]?.end ?? 0) <= start) low = middle + 1;
    else high = middle;
  }
  const first = runs[low];
  if (!first || first.start >= end) return null;
  let at = low;
  while ((runs[at + 1]?.start ?? end) < end) at++;
  const last = runs[at] ?? first;
  return {
    start: first.shown === undefined ? Math.max(first.start, start) : first.start,
    end: last.shown === undefined ? Math.min(last.end, end) : last.end,
  };
}
