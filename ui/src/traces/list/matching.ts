/** Whether a trace that was heard of belongs in the list, as far as the list's items tell. */

import type { Schema } from "../../api/client";
import type { TracesSearch } from "../search";
import { momentOf, sinceOf } from "./times";

/** `unknown`: only the service can tell. */
export type Verdict = "yes" | "no" | "unknown";

type Item = Schema["TraceItem"];

export function matches(item: Item, search: TracesSearch, project: string | undefined, now: number): Verdict {
  const verdicts = [
    equal(item.project, project),
    equal(item.session, search.session),
    equal(item.status, search.status),
    equal(item.provenance, search.provenance),
    within(item.coverage, search.min_coverage, search.max_coverage),
    within(item.longest_span, search.min_longest_span, search.max_longest_span),
    within(item.cost, search.min_cost, search.max_cost),
    started(item, sinceOf(search, now), search.until),
    ofModel(item, search.model),
    [search.text, search.document, search.source].every((words) => words === undefined) ? "yes" : "unknown",
  ] satisfies Verdict[];
  if (verdicts.includes("no")) return "no";
  return verdicts.includes("unknown") ? "unknown" : "yes";
}

function equal(value: string | null, wanted: string | undefined): Verdict {
  return wanted === undefined || value === wanted ? "yes" : "no";
}

/** What is unknown is within no bounds, as for the service. */
function within(value: number | null, least: number | undefined, most: number | undefined): Verdict {
  if (least === undefined && most === undefined) return "yes";
  if (value === null) return "no";
  return value >= (least ?? value) && value <= (most ?? value) ? "yes" : "no";
}

function started(item: Item, since: string | undefined, until: string | undefined): Verdict {
  const start = momentOf(item.start);
  const from = since === undefined ? Number.NEGATIVE_INFINITY : momentOf(since);
  const to = until === undefined ? Number.POSITIVE_INFINITY : momentOf(until);
  if ([start, from, to].some(Number.isNaN)) return "unknown";
  return start >= from && start < to ? "yes" : "no";
}

/** An item names the model of its first generation only. */
function ofModel(item: Item, model: string | undefined): Verdict {
  return model === undefined || item.model === model ? "yes" : "unknown";
}
