import { type ReadingSearch, readReading } from "../generation/search";
import { count, text, texts } from "../url/search";

/** Two outputs, or one output in two choices of indexes. */
export interface ComparingSearch extends ReadingSearch {
  /** Ids of generations; without `right` the left one is shown twice. */
  left?: string | undefined;
  right?: string | undefined;
  left_part?: number | undefined;
  right_part?: number | undefined;
  /** Names of indexes by side; none: as stored. */
  left_indexes?: string[] | undefined;
  right_indexes?: string[] | undefined;
}

export function readSearch(raw: Record<string, unknown>): ComparingSearch {
  return {
    ...readReading(raw),
    left: text(raw.left),
    right: text(raw.right),
    left_part: count(raw.left_part),
    right_part: count(raw.right_part),
    left_indexes: texts(raw.left_indexes),
    right_indexes: texts(raw.right_indexes),
  };
}
