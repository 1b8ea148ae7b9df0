import { count, text } from "../url/search";

export interface DocumentSearch {
  index?: string | undefined;
  id?: string | undefined;
  /** A text whose places are marked. */
  highlight?: string | undefined;
  /** The character (code point) that the view begins at. */
  at?: number | undefined;
  /** The generation from which the document was opened, and its part: all its passages are marked. */
  generation?: string | undefined;
  part?: number | undefined;
}

export function readSearch(raw: Record<string, unknown>): DocumentSearch {
  return {
    index: text(raw.index),
    id: text(raw.id),
    highlight: text(raw.highlight),
    at: count(raw.at),
    generation: text(raw.generation),
    part: count(raw.part),
  };
}
