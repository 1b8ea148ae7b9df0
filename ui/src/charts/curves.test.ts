import fc from "fast-check";
import { expect, test } from "vitest";
import { domainOf, highestOf, nearest, numberScale, placesOf, stretches, valuesAt } from "./curves";

const point = (x: number, value: number | null, high: number | null = null) => ({
  x,
  value,
  low: null,
  high,
});
const known = fc.option(fc.integer({ min: 0, max: 100 }));
const curves = fc.array(
  fc.uniqueArray(fc.tuple(fc.integer({ min: 1, max: 200 }), known, known), {
    selector: ([x]) => x,
    maxLength: 12,
  }),
  { maxLength: 2 },
);
const drawn = (all: readonly (readonly [number, number | null, number | null])[][]) =>
  all.map((points, place) => ({
    name: String(place),
    points: points.map(([x, value, high]) => point(x, value, high)),
  }));

test("all that is drawn stands within the scales", () => {
  fc.assert(
    fc.property(curves, fc.integer({ min: 1, max: 900 }), (all, width) => {
      const given = drawn(all);
      const domain = domainOf(given);
      expect(domain === null).toBe(given.every(({ points }) => !points.length));
      if (!domain) return;
      const x = numberScale(domain, width);
      for (const { points } of given)
        for (const one of points) {
          expect(x(one.x)).toBeGreaterThanOrEqual(-1e-9);
          expect(x(one.x)).toBeLessThanOrEqual(width + 1e-9);
          expect(highestOf(given)).toBeGreaterThanOrEqual(Math.max(one.value ?? 0, one.high ?? 0));
        }
    }),
  );
});

test("the nearest place is one of them, and none is nearer", () => {
  fc.assert(
    fc.property(curves, fc.integer({ min: -10, max: 250 }), (all, to) => {
      const places = placesOf(drawn(all));
      const found = nearest(places, to);
      expect(places.every((place) => found !== null && Math.abs(place - to) >= Math.abs(found - to))).toBe(
        true,
      );
      expect(found === null).toBe(!places.length);
    }),
  );
});

test("what is unknown is a gap, not 0", () => {
  const points = [point(1, 1), point(2, null), point(3, 0), point(4, 2)];
  expect(stretches(points, ({ value }) => value !== null).map((run) => run.map(({ x }) => x))).toEqual([
    [1],
    [3, 4],
  ]);
  expect(valuesAt([{ name: "a", points }], 2)).toEqual([null]);
  expect(valuesAt([{ name: "a", points }], 9)).toEqual([null]);
});
