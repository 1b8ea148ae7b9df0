import { count, flag, number, oneOf, text } from "../url/search";

export const STATUSES = ["ok", "error", "unset"] as const;
export const STATES = ["pending", "done", "failed", "nothing"] as const;
/** Stretches of time up to now. */
export const STRETCHES = ["hour", "day", "week", "month"] as const;
export const TRACE_VIEWS = ["tree", "timeline"] as const;

/** The filters of `GET /v1/traces`, by the same names. */
export interface TraceFilters {
  session?: string | undefined;
  since?: string | undefined;
  until?: string | undefined;
  model?: string | undefined;
  status?: (typeof STATUSES)[number] | undefined;
  provenance?: (typeof STATES)[number] | undefined;
  min_coverage?: number | undefined;
  max_coverage?: number | undefined;
  min_longest_span?: number | undefined;
  max_longest_span?: number | undefined;
  min_cost?: number | undefined;
  max_cost?: number | undefined;
  document?: string | undefined;
  /** What the metadata of a document call its source. */
  source?: string | undefined;
  index?: string | undefined;
  text?: string | undefined;
}

export interface TracesSearch extends TraceFilters {
  /** Traces that started in the last hour, day, ...; stands in for `since`. */
  last?: (typeof STRETCHES)[number] | undefined;
  order?: "newest" | "oldest" | undefined;
  /** New traces appear as they come. */
  live?: boolean | undefined;
}

export interface TraceSearch {
  /** Id of the span whose step is open. */
  step?: string | undefined;
  /** Of the step's output, the part and in it the passage that is selected. */
  part?: number | undefined;
  span?: number | undefined;
  view?: (typeof TRACE_VIEWS)[number] | undefined;
  /** Messages as they were sent. */
  raw?: boolean | undefined;
  /** Spans whose name or model holds this are shown, and what they are in. */
  find?: string | undefined;
  /** Spans that failed are shown only, and what they are in. */
  errors?: boolean | undefined;
}

export function readFilters(raw: Record<string, unknown>): TraceFilters {
  return {
    session: text(raw.session),
    since: text(raw.since),
    until: text(raw.until),
    model: text(raw.model),
    status: oneOf(raw.status, STATUSES),
    provenance: oneOf(raw.provenance, STATES),
    min_coverage: number(raw.min_coverage),
    max_coverage: number(raw.max_coverage),
    min_longest_span: number(raw.min_longest_span),
    max_longest_span: number(raw.max_longest_span),
    min_cost: number(raw.min_cost),
    max_cost: number(raw.max_cost),
    document: text(raw.document),
    source: text(raw.source),
    index: text(raw.index),
    text: text(raw.text),
  };
}

export function readListSearch(raw: Record<string, unknown>): TracesSearch {
  return {
    ...readFilters(raw),
    last: oneOf(raw.last, STRETCHES),
    order: oneOf(raw.order, ["newest", "oldest"]),
    live: flag(raw.live),
  };
}

export function readSearch(raw: Record<string, unknown>): TraceSearch {
  return {
    step: text(raw.step),
    part: count(raw.part),
    span: count(raw.span),
    view: oneOf(raw.view, TRACE_VIEWS),
    raw: flag(raw.raw),
    find: text(raw.find),
    errors: flag(raw.errors) || undefined,
  };
}
