import fc from "fast-check";
import { expect, test } from "vitest";
import { cutSection, passageAt } from "./passages";

const LENGTH = 20;
const BEYOND = 6;
const text = fc
  .array(fc.constantFrom("a", "b ", "\n", "😀", "long line without an end ", "\n\n"), { maxLength: 60 })
  .map((parts) => parts.join(""));

test("sections are the document, each from where it says", () => {
  fc.assert(
    fc.property(text, (whole) => {
      const points = [...whole];
      const count = Math.max(1, Math.ceil(points.length / LENGTH));
      const sections = Array.from({ length: count }, (_, number) => {
        const start = number * LENGTH;
        const read = points.slice(start, start + LENGTH + BEYOND).join("");
        return cutSection(read, { start, length: LENGTH, beyond: BEYOND, isLast: number === count - 1 });
      });
      expect(sections.map((section) => section.text).join("")).toBe(whole);
      let place = 0;
      for (const section of sections) {
        if (section.text) expect(section.start).toBe(place);
        place += [...section.text].length;
      }
    }),
  );
});

test("the passage that is looked at is the last that has begun", () => {
  const passages = [3, 10, 10, 40].map((start) => ({ start, end: start + 5, span: null }));
  expect(passageAt(passages, 2)).toBe(-1);
  expect(passageAt(passages, 3)).toBe(0);
  expect(passageAt(passages, 10)).toBe(2);
  expect(passageAt(passages, 39)).toBe(2);
  expect(passageAt(passages, 1_000)).toBe(3);
  expect(passageAt([], 1)).toBe(-1);
});
