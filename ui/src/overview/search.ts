import { oneOf, text } from "../url/search";

export const STEPS = ["minute", "hour", "day", "week"] as const;
/** Stretches of time up to now; the last: all that there is. */
export const STRETCHES = ["hour", "day", "week", "month", "quarter", "year", "all"] as const;

export type Step = (typeof STEPS)[number];
export type Stretch = (typeof STRETCHES)[number];

export interface OverviewSearch {
  /** Stands in for `since` and `until`. None of the three: what the newest trace is within. */
  last?: Stretch | undefined;
  since?: string | undefined;
  until?: string | undefined;
  /** None: as the time that is looked at allows. */
  step?: Step | undefined;
  model?: string | undefined;
}

export function readSearch(raw: Record<string, unknown>): OverviewSearch {
  return {
    last: oneOf(raw.last, STRETCHES),
    since: text(raw.since),
    until: text(raw.until),
    step: oneOf(raw.step, STEPS),
    model: text(raw.model),
  };
}
