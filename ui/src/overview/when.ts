/** A step of time in words. Minutes and hours are the reader's; days and weeks are those of UTC, as the service counts. */

import { type Clock, write } from "../charts/scales";
import type { Step } from "./search";

export function clockOf(step: Step): Clock {
  return step === "day" || step === "week" ? "utc" : "local";
}

/** As in "12 generations" + " on 3 November". The year is said where there are several. */
export function whenOf(start: number, end: number, step: Step, withYear: boolean): string {
  const clock = clockOf(step);
  const year = withYear ? ({ year: "numeric" } as const) : {};
  const day = write(start, { day: "numeric", month: "long", ...year }, clock);
  const time = (at: number) => write(at, { hour: "2-digit", minute: "2-digit" }, clock);
  switch (step) {
    case "minute":
      return `at ${time(start)} on ${day}`;
    case "hour":
      return `at ${time(start)}–${time(end)} on ${day}`;
    case "day":
      return `on ${day}`;
    case "week":
      return `in the week of ${day}`;
  }
}

export function spansYears([from, to]: readonly [number, number]): boolean {
  return new Date(from).getUTCFullYear() !== new Date(to - 1).getUTCFullYear();
}
