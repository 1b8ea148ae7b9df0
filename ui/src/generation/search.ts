import { count, flag, number, oneOf, type RawSearch, texts } from "../url/search";

export const PRESETS = ["default", "olmotrace"] as const;
export const VIEWS = ["chat", "raw"] as const;
export const RELEVANCE = ["high", "medium", "low"] as const;

/** How a text is traced anew; what is absent is as it was stored, or as the preset has it. */
export interface TraceControls {
  indexes?: string[] | undefined;
  preset?: (typeof PRESETS)[number] | undefined;
  /** Shortest span, in code points. */
  min_characters?: number | undefined;
  /** Share of tokens that may begin a shown span; 1: all. */
  density?: number | undefined;
  /** No span crosses the end of a sentence. */
  sentences?: boolean | undefined;
}

/** What a reading view shows. */
export interface ReadingSearch extends TraceControls {
  /** chat: as it was meant to be read; raw: every character. */
  view?: (typeof VIEWS)[number] | undefined;
  /** Place of the selected span in the provenance. */
  span?: number | undefined;
  /** The least relevance of spans and documents that are shown; none: all. */
  relevance?: (typeof RELEVANCE)[number] | undefined;
  /** Token log-probabilities are shaded. */
  surprise?: boolean | undefined;
}

export interface GenerationSearch extends ReadingSearch {
  /** Place of the part in the generation's parts. */
  part?: number | undefined;
}

export function readControls(raw: RawSearch | Record<string, unknown>): TraceControls {
  const density = number(raw.density);
  return {
    indexes: texts(raw.indexes),
    preset: oneOf(raw.preset, PRESETS),
    min_characters: count(raw.min_characters) || undefined,
    density: density !== undefined && density > 0 && density <= 1 ? density : undefined,
    sentences: flag(raw.sentences),
  };
}

export function readReading(raw: RawSearch | Record<string, unknown>): ReadingSearch {
  return {
    ...readControls(raw),
    view: oneOf(raw.view, VIEWS),
    span: count(raw.span),
    relevance: oneOf(raw.relevance, RELEVANCE),
    surprise: flag(raw.surprise),
  };
}

export function readSearch(raw: Record<string, unknown>): GenerationSearch {
  return { ...readReading(raw), part: count(raw.part) };
}
