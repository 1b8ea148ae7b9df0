import fc from "fast-check";
import { expect, test } from "vitest";
import { type Passage, pieces, type ShadedToken, strongest } from "./passages";

const LENGTH = 40;
const range = fc
  .tuple(fc.integer({ min: 0, max: LENGTH - 1 }), fc.integer({ min: 1, max: LENGTH }))
  .filter(([start, end]) => start < end);
const passages = fc
  .array(fc.tuple(range, fc.constantFrom("high", "medium", "low", null)), { maxLength: 12 })
  .map((found) => found.map(([[start, end], strength], place): Passage => ({ start, end, strength, place })));
const tokens = fc
  .uniqueArray(fc.integer({ min: 0, max: LENGTH }), { maxLength: 10 })
  .map((edges) => edges.sort((one, other) => one - other))
  .map((edges) =>
    edges
      .slice(1)
      .map((end, at): ShadedToken => ({ start: edges[at] ?? 0, end, surprise: 0.5, title: `${at}` })),
  );

test("pieces are the text, cut at every edge, each with what covers it", () => {
  fc.assert(
    fc.property(passages, tokens, (all, shaded) => {
      const found = pieces(LENGTH, all, shaded);
      expect(found.map((piece) => piece.end)).toEqual([
        ...found.slice(1).map((piece) => piece.start),
        LENGTH,
      ]);
      for (const { start, end, covers, token } of found) {
        for (let at = start; at < end; at++) {
          const over = all.filter((passage) => passage.start <= at && at < passage.end);
          expect(new Set(covers.map((cover) => cover.passage))).toEqual(new Set(over));
          expect(token).toBe(shaded.find((each) => each.start <= at && at < each.end) ?? null);
        }
        expect(new Set(covers.map((cover) => cover.lane)).size).toBe(covers.length);
        for (const cover of covers) {
          expect([cover.begins, cover.ends]).toEqual([
            cover.passage.start === start,
            cover.passage.end === end,
          ]);
        }
      }
    }),
  );
});

test("a passage keeps its lane", () => {
  fc.assert(
    fc.property(passages, (all) => {
      const lanes = new Map<Passage, number>();
      for (const { passage, lane } of pieces(LENGTH, all).flatMap((piece) => piece.covers)) {
        expect(lanes.get(passage) ?? lane).toBe(lane);
        lanes.set(passage, lane);
      }
    }),
  );
});

test("adjacent passages stay two", () => {
  const found = pieces(10, [
    { start: 0, end: 5, strength: "low", place: 0 },
    { start: 5, end: 10, strength: "high", place: 1 },
  ]);
  expect(found.map((piece) => piece.covers.map((cover) => cover.passage.place))).toEqual([[0], [1]]);
  expect(found[0]?.covers[0]?.ends && found[1]?.covers[0]?.begins).toBe(true);
});

test("passages outside the text are left out", () => {
  expect(pieces(3, [{ start: 1, end: 9, strength: null, place: 0 }])).toEqual([
    { start: 0, end: 3, covers: [], token: null },
  ]);
});

test("the strongest counts", () => {
  const cover = (strength: Passage["strength"]) => ({
    passage: { start: 0, end: 1, strength, place: 0 },
    lane: 0,
    begins: true,
    ends: true,
  });
  expect(strongest([cover("low"), cover("high")])).toBe("high");
  expect(strongest([cover(null), cover("medium")])).toBe("medium");
  expect(strongest([cover(null)])).toBeNull();
});
