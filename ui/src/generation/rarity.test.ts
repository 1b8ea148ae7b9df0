import { expect, test } from "vitest";
import type { Schema } from "../api/client";
import { bitsOf, countWords, describeSpan, formatBits, longestOf, rarestOf, rarityWords } from "./rarity";

function span(given: Partial<Schema["SpanModel"]>): Schema["SpanModel"] {
  return {
    start: 0,
    end: 10,
    text: "some words",
    tokens: 2,
    view: "exact",
    count: 3,
    count_is_lower_bound: false,
    counts: { demo: 3 },
    log_probability: -8 * Math.LN2,
    relevance: "high",
    documents: [0, 1],
    ...given,
  };
}

test("bits are logarithms to base 2", () => {
  expect(bitsOf(-10 * Math.LN2)).toBeCloseTo(10);
  expect(Object.is(bitsOf(0), 0)).toBe(true);
  expect(formatBits(7.84)).toBe("7.8 bits");
  expect(formatBits(1234.4)).toBe("1,234 bits");
});

test("the rarest is the least probable, the longest has the most characters", () => {
  const spans = [span({ log_probability: -5 }), span({ log_probability: -50, end: 4 }), span({ end: 30 })];
  expect(rarestOf(spans)).toBe(1);
  expect(longestOf(spans)).toBe(30);
  expect(rarestOf([])).toBeUndefined();
  expect(longestOf([])).toBe(0);
});

test.each([
  [span({ count: 1 }), "stands once"],
  [span({ count: 1200 }), "stands 1,200 times"],
  [span({ count: 1, count_is_lower_bound: true }), "stands at least once"],
  [span({ count: 0 }), "no longer in any index"],
])("a count in words (%#)", (counted, words) => expect(countWords(counted)).toBe(words));

test("rarity in words", () => {
  expect(rarityWords(span({}))).toBe(
    "8 bits, 4 bits for each of its 2 tokens: tokens drawn one by one from the indexes would be these with a chance of 1 in 256",
  );
  expect(rarityWords(span({ log_probability: -100 * Math.LN2, tokens: 0 }))).toMatch(
    /^100 bits: .* 1 in 10³⁰$/,
  );
});

test("a passage by what is counted of it", () => {
  expect(describeSpan(span({}))).toBe(
    "some words: 10 characters, stands 3 times, 2 documents, high relevance",
  );
  expect(describeSpan(span({ relevance: null, documents: [] }))).toBe(
    "some words: 10 characters, stands 3 times, 0 documents",
  );
});
