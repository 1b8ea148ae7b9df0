import fc from "fast-check";
import { expect, test } from "vitest";
import { chunks, LONGEST_CHUNK } from "./chunks";

const lines = fc
  .array(
    fc.constantFrom(
      "word\n",
      "\n",
      "- item\n",
      "  more\n",
      "```\n",
      "~~~\n",
      "> quote\n",
      "1. one\n",
      "a\r\n",
      "\r",
    ),
    {
      maxLength: 30,
    },
  )
  .map((parts) => parts.join(""));

test("chunks are the text, in order", () => {
  fc.assert(
    fc.property(lines, (source) => {
      const found = chunks(source);
      expect(found.map(({ start, end }) => source.slice(start, end)).join("")).toBe(source);
      expect(found.every(({ start, end }) => start < end)).toBe(true);
    }),
  );
});

test("lists, quotes and code stay whole", () => {
  const cut = (source: string) => chunks(source).map(({ start, end }) => source.slice(start, end));
  expect(cut("one\n\ntwo\n")).toEqual(["one\n\n", "two\n"]);
  expect(cut("- a\n\n  b\n\n- c\n\nend")).toEqual(["- a\n\n  b\n\n- c\n\n", "end"]);
  expect(cut("```\na\n\nb\n```\nafter")).toEqual(["```\na\n\nb\n```\n", "after"]);
  expect(cut("````\n```\n\nx\n````\n")).toEqual(["````\n```\n\nx\n````\n"]);
});

test("what is long is said to be, unless it is code", () => {
  const long = "*a ".repeat(LONGEST_CHUNK);
  expect(chunks(long)).toEqual([{ start: 0, end: long.length, isLong: true }]);
  expect(chunks(`\`\`\`\n${long}\n\`\`\`\n`)[0]?.isLong).toBe(false);
});
