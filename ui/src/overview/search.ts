import { oneOf, text } from "../url/search";

export const STEPS = ["minute", "hour", "day", "week"] as const;

export interface OverviewSearch {
  since?: string | undefined;
  until?: string | undefined;
  step?: (typeof STEPS)[number] | undefined;
  model?: string | undefined;
}

export function readSearch(raw: Record<string, unknown>): OverviewSearch {
  return {
    since: text(raw.since),
    until: text(raw.until),
    step: oneOf(raw.step, STEPS),
    model: text(raw.model),
  };
}
