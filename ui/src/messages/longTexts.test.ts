import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { blocksOf, cutAt } from "./longTexts";

const texts = fc.string({ unit: fc.constantFrom("a", "\n", "😀", "é"), maxLength: 400 });

describe("blocksOf", () => {
  it("are the text", () => {
    fc.assert(
      fc.property(texts, fc.integer({ min: 1, max: 50 }), (text, size) => {
        expect(blocksOf(text, size).join("\n")).toBe(text);
      }),
    );
  });
});

describe("cutAt", () => {
  it("cuts no character in two, and short texts not at all", () => {
    fc.assert(
      fc.property(texts, fc.integer({ min: 1, max: 50 }), (text, longest) => {
        const cut = text.slice(0, cutAt(text, longest, 3));
        expect(cut.isWellFormed()).toBe(true);
        if (text.length <= longest && !text.includes("\n")) expect(cut).toBe(text);
      }),
    );
  });

  it("cuts after many characters or many lines", () => {
    expect(cutAt("a".repeat(100), 10, 5)).toBe(10);
    expect(cutAt("a\n".repeat(100), 1_000, 5)).toBe(9);
  });
});
