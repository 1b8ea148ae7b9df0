import fc from "fast-check";
import { expect, test } from "vitest";
import { extent, highest, type Mark, runs, type Series } from "./marks";

const LINE: readonly Series[] = [{ name: "one", shape: "line" }];

/** Marks of one unit of time each, in order; null: there is none. */
const values = fc.array(fc.option(fc.option(fc.integer({ min: 0, max: 99 }))), { maxLength: 40 });

function marks(all: readonly (number | null)[]): Mark[] {
  return all.map((value, start) => ({
    start,
    end: start + 1,
    when: "",
    words: "",
    values: [value],
    link: { to: "/" },
  }));
}

test("a line is broken where nothing is known, and only there", () => {
  fc.assert(
    fc.property(values, (all) => {
      const drawn = runs(marks(all), 0);
      expect(drawn.flat().map((mark) => mark.start)).toEqual(
        all.flatMap((value, start) => (value === null ? [] : [start])),
      );
      for (const [number, run] of drawn.entries()) {
        const last = run.at(-1);
        for (const [place, mark] of run.entries()) expect(mark.start).toBe((run[0]?.start ?? 0) + place);
        const next = drawn[number + 1]?.[0];
        if (last && next) expect(next.start).toBeGreaterThan(last.end);
      }
    }),
  );
});

test("a step that is left out is a gap too", () => {
  const [first, , third] = marks([1, 2, 3]);
  expect(first && third && runs([first, third], 0)).toEqual([[first], [third]]);
});

test("bars stand on each other, lines do not", () => {
  const [mark] = marks([1]);
  const both = mark ? [{ ...mark, values: [2, 3] }] : [];
  const series = (shape: Series["shape"]) => [
    { name: "a", shape },
    { name: "b", shape },
  ];
  expect(highest(both, series("bars"))).toBe(5);
  expect(highest(both, series("line"))).toBe(3);
  expect(highest([], LINE)).toBe(0);
});

test("marks beyond the domain widen it", () => {
  expect(extent([5, 6], marks([1, 1]))).toEqual([0, 6]);
  expect(extent([5, 6], [])).toEqual([5, 6]);
});
