import { expect, test } from "vitest";
import { countName, formatMeasure, formatOf, intervalOf, isShare, measureName, nameOf } from "./words";

const value = (one: number | null, low: number | null = null, high: number | null = null) => ({
  value: one,
  low,
  high,
});

test("names are written as words", () => {
  expect(nameOf("longest_characters")).toBe("Longest characters");
  expect(nameOf("")).toBe("–");
  expect(countName("too_short (50)")).toBe("Shorter than 50 characters");
  expect(countName("duplicate_ids")).toBe("Duplicate ids");
});

test("what is at most 1 throughout is a share", () => {
  expect(isShare("unheard of", [value(0.5, 0, 1), value(null)])).toBe(true);
  expect(isShare("unheard of", [value(0.5), value(12)])).toBe(false);
  expect(isShare("unheard of", [value(0.5, 0, 1.1)])).toBe(false);
});

test("measures that are known have their own names and units", () => {
  expect(measureName("longest_tokens")).toBe("Longest match (tokens)");
  expect(measureName("share")).toBe("Share of characters in long matches");
  expect(measureName("brand_new")).toBe("Brand new");
  expect(isShare("longest", [value(0.5)])).toBe(false);
  expect(isShare("share", [value(2)])).toBe(true);
});

test("values and intervals", () => {
  expect([null, 3, 12_345, 0.12345, 123.4].map(formatMeasure)).toEqual(["–", "3", "12,345", "0.123", "123"]);
  expect(intervalOf(value(0.5, 0.4, 0.6), formatOf(true))).toBe("40% to 60%");
  expect(intervalOf(value(0.5), formatOf(true))).toBe("");
});
