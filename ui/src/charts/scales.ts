/** Where values and times stand, and which of them are written at the axes. */

import { type ScaleLinear, scaleLinear, scaleTime, scaleUtc } from "d3-scale";

export type Clock = "local" | "utc";

export interface Axis {
  /** What the numbers of the axis count: values are whole. */
  whole?: boolean;
  /** Ticks are round in this unit of the values: 60,000 for minutes of milliseconds. */
  unit?: number;
}

const MIN_TICKS = 2;
/** Values below it are not told from 0. */
const LEAST = 1e-12;

/** A scale of values from 0 to a round one that is at least `top`, and the values that are written. */
export function valueScale(top: number, height: number, count: number, { whole = false, unit = 1 }: Axis) {
  const least = whole ? 1 : LEAST;
  const most = top > 0 ? Math.max(top / unit, least) : 1;
  const scale = scaleLinear([0, most], [height, 0]).nice(Math.max(count, MIN_TICKS));
  const round = scale.ticks(Math.max(count, MIN_TICKS)).filter((tick) => !whole || Number.isInteger(tick));
  const ticks = round.map((tick) => tick * unit);
  return { y: (value: number) => scale(value / unit), ticks };
}

export interface TimeTick {
  at: number;
  label: string;
}

/** A scale of times. */
export function timeScale([from, to]: readonly [number, number], width: number): ScaleLinear<number, number> {
  return scaleLinear([from, Math.max(to, from + 1)], [0, width]);
}

const DAY_MS = 86_400_000;
/** Months are at least so long. */
const MONTH_MS = 28 * DAY_MS;

const FORMATS = {
  second: { hour: "2-digit", minute: "2-digit", second: "2-digit" },
  minute: { hour: "2-digit", minute: "2-digit" },
  day: { day: "numeric", month: "short" },
  month: { month: "short" },
  year: { year: "numeric" },
} as const satisfies Record<string, Intl.DateTimeFormatOptions>;

/** About `count` round times within the domain, none closer than `least` milliseconds: with the day where it begins. */
export function timeTicks(
  domain: readonly [number, number],
  count: number,
  least: number,
  clock: Clock,
): TimeTick[] {
  const scale = clock === "utc" ? scaleUtc(domain, [0, 1]) : scaleTime(domain, [0, 1]);
  const room = Math.floor((domain[1] - domain[0]) / least);
  const wanted = Math.max(1, Math.min(count, room));
  let times = scale.ticks(wanted);
  // One time alone says nothing of the others.
  for (let more = wanted + 1; times.length < MIN_TICKS && more <= Math.min(2 * wanted, room); more++)
    times = scale.ticks(more);
  const gap = times.length > 1 ? Number(times[1]) - Number(times[0]) : domain[1] - domain[0];
  const spread = Math.max(gap, least);
  return times.map((time) => ({ at: Number(time), label: tickLabel(time, spread, clock) }));
}

function tickLabel(time: Date, gap: number, clock: Clock): string {
  const name =
    gap >= MONTH_MS ? yearOrMonth(time, clock) : gap >= DAY_MS ? "day" : hourOrDay(time, gap, clock);
  return write(time, FORMATS[name], clock);
}

function yearOrMonth(time: Date, clock: Clock) {
  return (clock === "utc" ? time.getUTCMonth() : time.getMonth()) === 0 ? "year" : "month";
}

function hourOrDay(time: Date, gap: number, clock: Clock) {
  const since = clock === "utc" ? time.getUTCHours() * 60 + time.getUTCMinutes() : minutesOf(time);
  if (since === 0 && time.getSeconds() === 0) return "day";
  return gap < 60_000 ? "second" : "minute";
}

function minutesOf(time: Date): number {
  return time.getHours() * 60 + time.getMinutes();
}

const formats = new Map<string, Intl.DateTimeFormat>();

/** A time in the words of the interface, by the clock of the reader or of UTC. */
export function write(time: Date | number, options: Intl.DateTimeFormatOptions, clock: Clock): string {
  const key = JSON.stringify([options, clock]);
  let format = formats.get(key);
  if (!format) {
    format = new Intl.DateTimeFormat("en-GB", clock === "utc" ? { ...options, timeZone: "UTC" } : options);
    formats.set(key, format);
  }
  return format.format(time);
}
