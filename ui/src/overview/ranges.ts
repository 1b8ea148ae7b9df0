/** Which time is looked at, and into which steps it is cut. All in milliseconds since 1970. */

import { momentOf as readTime } from "../traces/list/times";
import { type OverviewSearch, STEPS, type Step, type Stretch } from "./search";

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

export const STEP_MS: Record<Step, number> = { minute: 60_000, hour: HOUR, day: DAY, week: 7 * DAY };

export const STRETCH_MS: Record<Exclude<Stretch, "all">, number> = {
  hour: HOUR,
  day: DAY,
  week: 7 * DAY,
  month: 30 * DAY,
  quarter: 90 * DAY,
  year: 365 * DAY,
};

/** Steps of a chart: each is a mark, and a link. */
export const MOST_STEPS = 180;
/** A shorter time is shown within so many steps, or its marks would be as wide as the page. */
const LEAST_STEPS = 12;
/** 1970 began on a Thursday, and weeks begin on Monday. */
const MONDAY = 4 * DAY;

export interface TimeRange {
  /** What is asked for; null: without a bound. */
  since: number | null;
  until: number | null;
  /** What is drawn: whole steps. */
  domain: [number, number];
  step: Step;
  /** The step that was chosen and is too short for so much time. */
  refused: Step | null;
  /** Which of the stretches it is; null: from and to were given. */
  stretch: Stretch | null;
}

/** When the first and the last trace started. */
export interface Bounds {
  oldest: number;
  newest: number;
}

export function floorTo(step: Step, time: number): number {
  const origin = step === "week" ? MONDAY : 0;
  const length = STEP_MS[step];
  return Math.floor((time - origin) / length) * length + origin;
}

export function ceilTo(step: Step, time: number): number {
  const begin = floorTo(step, time);
  return begin === time ? time : begin + STEP_MS[step];
}

/** The shortest step, of those from `least` on, that cuts a time into few enough parts; the longest if none does. */
export function stepFor(from: number, to: number, least: Step = "minute"): Step {
  const few = (step: Step) => (ceilTo(step, to) - floorTo(step, from)) / STEP_MS[step] <= MOST_STEPS;
  return STEPS.slice(STEPS.indexOf(least)).find(few) ?? "week";
}

/** The stretch where none is chosen: the last week if there is anything in it, else all. */
export function stretchFor(bounds: Bounds, now: number): Stretch {
  return now - bounds.newest < STRETCH_MS.week ? "week" : "all";
}

export function rangeOf(search: OverviewSearch, bounds: Bounds, now: number): TimeRange {
  const given = search.last === undefined && (momentOf(search.since) ?? momentOf(search.until)) !== null;
  const stretch = given ? null : (search.last ?? stretchFor(bounds, now));
  const since =
    stretch === null ? momentOf(search.since) : stretch === "all" ? null : now - STRETCH_MS[stretch];
  const until = stretch === null ? momentOf(search.until) : null;

  const from = since ?? bounds.oldest;
  const to = Math.max(until ?? (stretch === "all" ? bounds.newest + 1 : now), from + 1);
  const step = stepFor(from, to, search.step);
  return {
    // A stretch is made to begin with a step, so that its first mark is whole.
    since: since === null || stretch === null ? since : floorTo(step, since),
    until,
    domain: widened([floorTo(step, from), ceilTo(step, to)], step),
    step,
    refused: search.step !== undefined && search.step !== step ? search.step : null,
    stretch,
  };
}

function widened([from, to]: [number, number], step: Step): [number, number] {
  const length = STEP_MS[step];
  const missing = Math.max(0, LEAST_STEPS - (to - from) / length);
  const before = Math.floor(missing / 2);
  return [from - before * length, to + (missing - before) * length];
}

function momentOf(time: string | undefined): number | null {
  const read = time === undefined ? Number.NaN : readTime(time);
  return Number.isNaN(read) ? null : read;
}
