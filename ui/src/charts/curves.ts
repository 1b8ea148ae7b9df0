/** What charts of curves are given: values over a number that is not a time. */

import { type ScaleLinear, scaleLinear } from "d3-scale";

export interface CurvePoint {
  x: number;
  /** Null: unknown, which is not 0. */
  value: number | null;
  /** Of the interval around the value; null: there is none. */
  low: number | null;
  high: number | null;
}

export interface Curve {
  name: string;
  /** By `x`. */
  points: readonly CurvePoint[];
}

/** From the least to the greatest `x` of all curves; null: there are none. */
export function domainOf(curves: readonly Curve[]): [number, number] | null {
  const all = curves.flatMap(({ points }) => points.map(({ x }) => x));
  if (!all.length) return null;
  return all.reduce<[number, number]>(
    ([least, most], x) => [Math.min(least, x), Math.max(most, x)],
    [all[0] ?? 0, all[0] ?? 0],
  );
}

/** The highest that is drawn: a value or the end of an interval. */
export function highestOf(curves: readonly Curve[]): number {
  return curves.reduce(
    (top, { points }) => points.reduce((most, { value, high }) => Math.max(most, value ?? 0, high ?? 0), top),
    0,
  );
}

/** A scale of the numbers below the axis; a single one stands in the middle. */
export function numberScale(
  [least, most]: readonly [number, number],
  width: number,
): ScaleLinear<number, number> {
  return least === most
    ? scaleLinear([least - 1, least + 1], [0, width])
    : scaleLinear([least, most], [0, width]);
}

/** All numbers that any curve has a point at, in order. */
export function placesOf(curves: readonly Curve[]): number[] {
  return [...new Set(curves.flatMap(({ points }) => points.map(({ x }) => x)))].sort(
    (one, other) => one - other,
  );
}

/** The place that is nearest to a number; the first of two that are equally near. */
export function nearest(places: readonly number[], to: number): number | null {
  return places.reduce<number | null>(
    (best, place) => (best === null || Math.abs(place - to) < Math.abs(best - to) ? place : best),
    null,
  );
}

/** The value of each curve at a place. */
export function valuesAt(curves: readonly Curve[], place: number): (number | null)[] {
  return curves.map(({ points }) => points.find(({ x }) => x === place)?.value ?? null);
}

/** Points that follow each other and are known. */
export function stretches(
  points: readonly CurvePoint[],
  isKnown: (point: CurvePoint) => boolean,
): CurvePoint[][] {
  const found: CurvePoint[][] = [];
  let isOpen = false;
  for (const point of points) {
    if (!isKnown(point)) {
      isOpen = false;
      continue;
    }
    if (isOpen) found.at(-1)?.push(point);
    else found.push([point]);
    isOpen = true;
  }
  return found;
}
