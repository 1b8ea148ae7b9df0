/** From the service's steps to what charts draw. */

import type { LinkProps } from "@tanstack/react-router";
import type { Mark } from "../charts/marks";
import type { TraceFilters } from "../traces/search";
import type { Measure } from "./measures";
import type { TimeRange } from "./ranges";
import { spansYears, whenOf } from "./when";

export interface StepOfTime {
  start: string;
  end: string;
}

export function marksOf<T extends StepOfTime>(
  items: readonly T[],
  measure: Measure<T>,
  range: TimeRange,
  model: string | undefined,
): Mark[] {
  const withYear = spansYears(range.domain);
  return items.flatMap((item) => {
    const values = measure.values(item);
    if (values.every((value) => value === null)) return [];
    const [start, end] = [Date.parse(item.start), Date.parse(item.end)];
    return {
      start,
      end,
      values,
      when: whenOf(start, end, range.step, withYear),
      words: measure.words(item),
      link: tracesLink({ ...within(item, range), ...measure.filter, model }),
    };
  });
}

/** The step's time, as far as it was asked for. */
function within({ start, end }: StepOfTime, { since, until }: TimeRange): TraceFilters {
  return {
    since: since !== null && since > Date.parse(start) ? new Date(since).toISOString() : start,
    until: until !== null && until < Date.parse(end) ? new Date(until).toISOString() : end,
  };
}

export function tracesLink(search: TraceFilters): LinkProps {
  return { to: "/traces", search };
}

/** All of the time that is looked at. */
export function boundsOf({ since, until }: TimeRange): TraceFilters {
  return {
    since: since === null ? undefined : new Date(since).toISOString(),
    until: until === null ? undefined : new Date(until).toISOString(),
  };
}
