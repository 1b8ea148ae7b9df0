import { type ReadingSearch, readReading } from "../generation/search";
import { count, text, texts } from "../url/search";

export const SIDES = ["left", "right"] as const;
export type Side = (typeof SIDES)[number];

/** Two outputs, or one output in two choices of indexes. Views and options are those of both sides. */
export interface ComparingSearch extends Omit<ReadingSearch, "span" | "indexes"> {
  /** Ids of generations. */
  left?: string | undefined;
  right?: string | undefined;
  /** Their projects: ids are distinct within one. */
  left_project?: string | undefined;
  right_project?: string | undefined;
  left_part?: number | undefined;
  right_part?: number | undefined;
  /** Names of indexes by side; none: as stored. */
  left_indexes?: string[] | undefined;
  right_indexes?: string[] | undefined;
  /** Places of the selected spans. */
  left_span?: number | undefined;
  right_span?: number | undefined;
}

export function readSearch(raw: Record<string, unknown>): ComparingSearch {
  const { span: _, indexes: __, ...shared } = readReading(raw);
  return {
    ...shared,
    left: text(raw.left),
    right: text(raw.right),
    left_project: text(raw.left_project),
    right_project: text(raw.right_project),
    left_part: count(raw.left_part),
    right_part: count(raw.right_part),
    left_indexes: texts(raw.left_indexes),
    right_indexes: texts(raw.right_indexes),
    left_span: count(raw.left_span),
    right_span: count(raw.right_span),
  };
}

/** What one side shows. */
export function readingOf(
  search: ComparingSearch,
  side: Side,
): ReadingSearch & { part?: number | undefined } {
  const { preset, min_characters, density, sentences, view, relevance, surprise } = search;
  return {
    ...{ preset, min_characters, density, sentences, view, relevance, surprise },
    indexes: search[`${side}_indexes`],
    span: search[`${side}_span`],
    part: search[`${side}_part`],
  };
}

/** A change of what one side shows: its own, or of both. Other options find other spans on both sides. */
export function changeOf(
  side: Side,
  { span, indexes, part, ...shared }: Partial<ReadingSearch & { part: number | undefined }>,
  asked: readonly string[],
): Partial<ComparingSearch> {
  const own: Partial<ComparingSearch> = {};
  if (asked.includes("span")) own[`${side}_span`] = span;
  if (asked.includes("indexes")) own[`${side}_indexes`] = indexes;
  if (asked.includes("part")) own[`${side}_part`] = part;
  const options = ["preset", "min_characters", "density", "sentences"];
  const both = asked.some((name) => options.includes(name))
    ? { left_span: undefined, right_span: undefined }
    : {};
  return { ...shared, ...both, ...own };
}
