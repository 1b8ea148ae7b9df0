import fc from "fast-check";
import { expect, test } from "vitest";
import type { Schema } from "../api/client";
import { placeTokens, surpriseOf } from "./surprise";

type Token = Schema["TokenOfOutput"];

function token(text: string, logProbability: number | null = -0.5): Token {
  return { token: text, log_probability: logProbability, top: [] };
}

const anyToken = fc
  .string({ unit: "grapheme", minLength: 1, maxLength: 6 })
  .filter((text) => !text.includes("�"));

test("tokens that make up the text stand where they came from", () => {
  fc.assert(
    fc.property(fc.array(anyToken, { minLength: 1 }), (pieces) => {
      const text = pieces.join("");
      const placed = placeTokens(
        text,
        pieces.map((piece) => token(piece)),
      );
      expect(placed?.map(({ start, end }) => text.slice(start, end))).toEqual(pieces);
    }),
  );
});

test("whatever is sent, what is placed lies in the text, in order", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), fc.array(fc.string({ unit: "binary" })), (text, pieces) => {
      const placed = placeTokens(
        text,
        pieces.map((piece) => token(piece)),
      );
      let before = 0;
      for (const { start, end } of placed ?? []) {
        expect(start).toBeGreaterThanOrEqual(before);
        expect(end).toBeGreaterThan(start);
        expect(end).toBeLessThanOrEqual(text.length);
        before = end;
      }
    }),
  );
});

test("marks around a message are passed over", () => {
  const placed = placeTokens("Hello", [token("<|assistant|>"), token("Hel"), token("lo"), token("<|end|>")]);
  expect(placed?.map(({ start, end }) => [start, end])).toEqual([
    [0, 3],
    [3, 5],
  ]);
});

test("a character of which tokens are pieces is shaded as one", () => {
  const placed = placeTokens("a 😀 b", [token("a "), token("\uFFFD"), token("\uFFFD"), token(" b")]);
  expect(placed?.map(({ start, end }) => [start, end])).toEqual([
    [0, 2],
    [2, 4],
    [4, 6],
  ]);
});

test("tokens of another text do not fit", () => {
  expect(placeTokens("Hello there", [token("Good"), token("bye")])).toBeNull();
  expect(placeTokens("Hello there", [token("Hello")])).toBeNull();
  expect(placeTokens("Hello", [])).toBeNull();
});

test("surprise goes from certain to one in about a thousand", () => {
  expect(surpriseOf(0)).toBe(0);
  expect(surpriseOf(Math.log(2) * -5)).toBeCloseTo(0.5);
  expect(surpriseOf(-1000)).toBe(1);
  expect(surpriseOf(null)).toBe(1);
});

test("a token says how likely it was, and what else was", () => {
  const [placed] =
    placeTokens("so", [
      {
        token: "so",
        log_probability: Math.log(0.25),
        top: [
          ["so", Math.log(0.25)],
          ["if", Math.log(0.0001)],
        ],
      },
    ]) ?? [];
  expect(placed?.title).toBe('"so" 25 %; also likely: "if" below 0.1 %');
});
