import fc from "fast-check";
import { expect, test } from "vitest";
import {
  formatBytes,
  formatCost,
  formatDuration,
  formatShare,
  formatTime,
  plural,
  shorten,
  UNKNOWN,
} from "./format";

test("what is unknown is not zero", () => {
  expect([
    formatBytes(null),
    formatCost(undefined),
    formatDuration(null),
    formatShare(null),
    formatTime("x"),
  ]).toEqual(Array(5).fill(UNKNOWN));
  expect(formatCost(0)).toBe("$0");
});

test.each([
  [0.04, "0.04 ms"],
  [12.4, "12 ms"],
  [1_234, "1.23 s"],
  [59_940, "59.9 s"],
  [61_000, "1 min 1 s"],
  [3_720_000, "1 h 2 min"],
  [-5, "-5 ms"],
])("%s ms is %s", (value, words) => expect(formatDuration(value)).toBe(words));

test.each([
  [0.00034, "$0.00034"],
  [0.25, "$0.250"],
  [12.3, "$12.30"],
])("%s dollars are %s", (value, words) => expect(formatCost(value)).toBe(words));

test("sizes and numbers", () => {
  expect(formatBytes(1536)).toBe("1.5 KiB");
  expect(plural(1, "match", "matches")).toBe("1 match");
  expect(plural(1200, "match", "matches")).toBe("1,200 matches");
});

test("a text is cut between characters", () => {
  fc.assert(
    fc.property(fc.string({ unit: "grapheme" }), fc.integer({ min: 1, max: 20 }), (value, length) => {
      const cut = shorten(value, length);
      expect(cut.length).toBeLessThanOrEqual(Math.max(length, 1));
      expect(cut.isWellFormed()).toBe(true);
    }),
  );
});
