/** The filters of the list, as they stand in the address: what each says in words, and what it is sent as. */

import { formatCost, formatCount, formatShare, formatTime } from "../../ui/format";
import type { STATES, STATUSES, STRETCHES, TracesSearch } from "../search";
import { momentOf, sinceOf } from "./times";

export const STATUS_NAMES: Record<(typeof STATUSES)[number], string> = {
  ok: "OK",
  error: "Error",
  unset: "Unset",
};

export const STATE_NAMES: Record<(typeof STATES)[number], string> = {
  pending: "Pending",
  done: "Done",
  failed: "Failed",
  nothing: "No text",
};

export const STRETCH_NAMES: Record<(typeof STRETCHES)[number], string> = {
  hour: "Last hour",
  day: "Last 24 hours",
  week: "Last 7 days",
  month: "Last 30 days",
};

type FilterName = Exclude<keyof TracesSearch, "order" | "live">;

/** A filter in use. */
export interface Chip {
  name: FilterName;
  label: string;
  value: string;
  /** The change of the address that removes it. */
  removed: Partial<TracesSearch>;
}

const WORDS: { [Name in FilterName]: [string, (value: NonNullable<TracesSearch[Name]>) => string] } = {
  last: ["Time", (value) => STRETCH_NAMES[value]],
  since: ["From", timeWords],
  until: ["Before", timeWords],
  model: ["Model", String],
  status: ["Status", (value) => STATUS_NAMES[value]],
  provenance: ["Provenance", (value) => STATE_NAMES[value]],
  min_coverage: ["Coverage at least", formatShare],
  max_coverage: ["Coverage at most", formatShare],
  min_longest_span: ["Longest span at least", (value) => `${formatCount(value)} characters`],
  max_longest_span: ["Longest span at most", (value) => `${formatCount(value)} characters`],
  min_cost: ["Cost at least", formatCost],
  max_cost: ["Cost at most", formatCost],
  session: ["Session", String],
  document: ["Quotes the document", String],
  source: ["Quotes the source", String],
  index: ["Of the index", String],
  text: ["Text", String],
};

export const FILTER_NAMES = Object.keys(WORDS) as FilterName[];

export const CLEARED: Partial<TracesSearch> = Object.fromEntries(
  FILTER_NAMES.map((name) => [name, undefined]),
);

/** The filters in use, in the order in which they stand beside the list. */
export function chipsOf(search: TracesSearch): Chip[] {
  return FILTER_NAMES.flatMap((name) => {
    const value = search[name];
    if (value === undefined || (name === "since" && search.last !== undefined)) return [];
    const [label, words] = WORDS[name] as [string, (value: unknown) => string];
    return [{ name, label, value: words(value), removed: removedOf(name) }];
  });
}

function removedOf(name: FilterName): Partial<TracesSearch> {
  // An index alone says nothing, and neither does a time that a stretch stood in for.
  if (name === "document" || name === "source") return { [name]: undefined, index: undefined };
  if (name === "last") return { last: undefined, since: undefined };
  return { [name]: undefined };
}

type Defined<T> = { [Name in keyof T]?: Exclude<T[Name], undefined> };

/** The parameters of `GET /v1/traces`, but for the page. */
export function queryOf(search: TracesSearch, project: string | undefined, now: number) {
  const { last: _, live: __, order, ...filters } = search;
  return defined({
    ...filters,
    project,
    since: sinceOf(search, now),
    index: search.document === undefined && search.source === undefined ? undefined : search.index,
    order: order ?? "newest",
  });
}

function defined<T extends object>(values: T): Defined<T> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as Defined<T>;
}

function timeWords(value: string): string {
  const moment = momentOf(value);
  return Number.isNaN(moment) ? value : formatTime(new Date(moment).toISOString());
}
