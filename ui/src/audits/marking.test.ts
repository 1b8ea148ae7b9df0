import fc from "fast-check";
import { expect, test } from "vitest";
import { stretchesOf } from "./marking";

const passage = (start: number, end: number) => ({ start, end, count: null, documents: [] });

test("places are code points, and passages may overlap", () => {
  const stretches = stretchesOf("a𝔴bcd", [passage(1, 3), passage(2, 4)]);
  expect(stretches).toEqual([
    { text: "a", passages: [] },
    { text: "𝔴", passages: [0] },
    { text: "b", passages: [0, 1] },
    { text: "c", passages: [1] },
    { text: "d", passages: [] },
  ]);
});

test("the stretches are the text, each under the passages that have it", () => {
  const text = fc.string({ unit: fc.constantFrom("a", "é", "𝔴", "\ud800", "\n"), maxLength: 20 });
  const places = fc.array(fc.tuple(fc.integer({ min: 0, max: 30 }), fc.integer({ min: 1, max: 30 })), {
    maxLength: 5,
  });
  fc.assert(
    fc.property(text, places, (shown, chosen) => {
      const passages = chosen.map(([start, length]) => passage(start, start + length));
      const stretches = stretchesOf(shown, passages);
      expect(stretches.map((stretch) => stretch.text).join("")).toBe(shown);
      const points = [...shown];
      const over = stretches.flatMap((stretch) => [...stretch.text].map(() => stretch.passages));
      expect(over).toEqual(
        points.map((_, at) =>
          passages.flatMap(({ start, end }, number) => (start <= at && at < end ? number : [])),
        ),
      );
    }),
  );
});
