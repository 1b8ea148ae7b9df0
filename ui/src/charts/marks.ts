/** What charts over time are given: stretches of time, each with the values of the chart's series. */

import type { LinkProps } from "@tanstack/react-router";

export interface Series {
  name: string;
  /** Bars of several series stand on each other. The first series is drawn whole, the second broken. */
  shape: "bars" | "line";
}

/** A stretch of time that something is known of. */
export interface Mark {
  /** Milliseconds since 1970; the first is in it, the last is not. */
  start: number;
  end: number;
  /** As in "12 generations" + " on 3 November". */
  when: string;
  /** One a series; null: unknown, which is not 0. */
  values: readonly (number | null)[];
  /** All of it in words, without when: the mark's name. */
  words: string;
  /** What is behind it. */
  link: LinkProps;
}

/** Marks that follow each other without a pause, and have a value in the series. */
export function runs(marks: readonly Mark[], series: number): Mark[][] {
  const found: Mark[][] = [];
  let last: Mark | undefined;
  for (const mark of marks) {
    if ((mark.values[series] ?? null) === null) continue;
    if (last !== undefined && last.end === mark.start) found.at(-1)?.push(mark);
    else found.push([mark]);
    last = mark;
  }
  return found;
}

/** The highest that is drawn; 0: nothing is. */
export function highest(marks: readonly Mark[], series: readonly Series[]): number {
  let top = 0;
  for (const { values } of marks) {
    let stacked = 0;
    values.forEach((value, place) => {
      if (series[place]?.shape === "bars") stacked += value ?? 0;
      top = Math.max(top, stacked, value ?? 0);
    });
  }
  return top;
}

/** All of the domain and all marks. */
export function extent(domain: readonly [number, number], marks: readonly Mark[]): [number, number] {
  let [from, to] = domain;
  for (const mark of marks) {
    from = Math.min(from, mark.start);
    to = Math.max(to, mark.end);
  }
  return [from, to];
}
