import { expect, test } from "vitest";
import { areShares, formatMeasure, formatOf, intervalOf, nameOf } from "./words";

const value = (one: number | null, low: number | null = null, high: number | null = null) => ({
  value: one,
  low,
  high,
});

test("names are written as words", () => {
  expect(nameOf("longest_characters")).toBe("Longest characters");
  expect(nameOf("")).toBe("–");
});

test("what is at most 1 throughout is a share", () => {
  expect(areShares([value(0.5, 0, 1), value(null)])).toBe(true);
  expect(areShares([value(0.5), value(12)])).toBe(false);
  expect(areShares([value(0.5, 0, 1.1)])).toBe(false);
});

test("values and intervals", () => {
  expect([null, 3, 12_345, 0.12345, 123.4].map(formatMeasure)).toEqual(["–", "3", "12,345", "0.123", "123"]);
  expect(intervalOf(value(0.5, 0.4, 0.6), formatOf(true))).toBe("40% to 60%");
  expect(intervalOf(value(0.5), formatOf(true))).toBe("");
});
