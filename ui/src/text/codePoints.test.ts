import fc from "fast-check";
import { expect, test } from "vitest";
import { CodePoints } from "./codePoints";

const anyText = fc
  .array(
    fc.oneof(
      fc.string({ unit: "binary" }),
      fc.constantFrom("\ud83d", "\ude00", "👩‍👩‍👧", "e\u0301", "\n", "‮"),
    ),
  )
  .map((parts) => parts.join(""));

test("places are those of the text spread into code points", () => {
  fc.assert(
    fc.property(anyText, (text) => {
      const points = new CodePoints(text);
      const spread = [...text];
      expect(points.length).toBe(spread.length);
      let unit = 0;
      spread.forEach((character, point) => {
        expect(points.toUtf16(point)).toBe(unit);
        for (let inside = 0; inside < character.length; inside++)
          expect(points.toCodePoint(unit + inside)).toBe(point);
        unit += character.length;
      });
      expect(points.toUtf16(spread.length + 5)).toBe(text.length);
      expect(points.toCodePoint(text.length)).toBe(spread.length);
    }),
  );
});

test("long texts have checkpoints", () => {
  const text = "ab😀".repeat(5_000);
  const points = new CodePoints(text);
  for (const point of [0, 1_023, 1_024, 1_025, 9_999, 14_999, 15_000]) {
    const unit = [...text].slice(0, point).join("").length;
    expect(points.toUtf16(point)).toBe(unit);
    expect(points.toCodePoint(unit)).toBe(point);
  }
});
