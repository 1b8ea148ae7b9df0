import fc from "fast-check";
import { expect, test } from "vitest";
import { lengthOf, roomFor } from "./limits";

test("characters are counted as the service counts them", () => {
  const halves = fc.array(fc.constantFrom("\ud83d", "\ude00", "a")).map((all) => all.join(""));
  fc.assert(
    fc.property(fc.oneof(fc.string({ unit: "binary" }), halves), (text) => {
      expect(lengthOf(text)).toBe([...text].length);
    }),
  );
});

test("what is left is said near the limit only, and what is too much always", () => {
  expect(roomFor("a".repeat(80), 100)).toEqual({ isTooLong: false, words: null });
  expect(roomFor("a".repeat(95), 100)).toEqual({ isTooLong: false, words: "5 characters left." });
  expect(roomFor("\u{1f600}".repeat(100), 100)).toEqual({ isTooLong: false, words: "0 characters left." });
  expect(roomFor("\u{1f600}".repeat(60), 100)).toEqual({ isTooLong: false, words: null });
  expect(roomFor("a".repeat(1_200), 100)).toEqual({
    isTooLong: true,
    words: "1,100 characters too many: the service takes at most 100.",
  });
  expect(roomFor("a".repeat(1_200), undefined).isTooLong).toBe(false);
});
