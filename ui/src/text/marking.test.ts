import fc from "fast-check";
import { expect, test } from "vitest";
import { around, whole } from "./graphemes";
import { visibleParts } from "./invisible";
import { Marking, sectionsOf } from "./marking";
import type { Passage } from "./passages";
import { slicesOf } from "./slices";

const parts = fc.constantFrom(
  "word ",
  "*it*",
  "**bold**",
  "`code`",
  "\\*",
  "&amp;",
  "\n\n",
  "\n",
  "- ",
  "> ",
  "\n---\n",
  "```\nx = 1\n```\n",
  "[l](http://e.org)",
  "😀",
  "👩‍👩‍👧",
  "e\u0301",
  "\u202e",
  "\r\n",
  "long ".repeat(120),
);
const world = fc.array(parts, { minLength: 1, maxLength: 20 }).chain((all) => {
  const text = all.join("");
  const edge = fc.nat(text.length);
  return fc.record({
    text: fc.constant(text),
    ranges: fc.array(fc.tuple(edge, edge), { maxLength: 8 }),
    cuts: fc.array(edge, { maxLength: 6 }),
    view: fc.constantFrom("raw" as const, "chat" as const),
  });
});

function passagesOf(ranges: readonly (readonly [number, number])[]): Passage[] {
  return ranges
    .map(([one, other]) => [Math.min(one, other), Math.max(one, other)] as const)
    .filter(([start, end]) => start < end)
    .map(([start, end], place) => ({ start, end, strength: place % 2 ? "low" : "high", place }));
}

test("a character that is shown is marked if and only if a passage covers it", () => {
  fc.assert(
    fc.property(world, ({ text, ranges, cuts, view }) => {
      const passages = passagesOf(ranges);
      const edges = [...new Set(cuts)].sort((one, other) => one - other);
      const tokens = edges
        .slice(1)
        .map((end, at) => ({ start: edges[at] ?? 0, end, surprise: 0.5, title: "" }));
      const sections = sectionsOf(text, view);
      const marking = new Marking(text, sections, passages, tokens);
      const wholes = passages.map((passage) => whole(text, passage));
      const begun: number[] = [];
      const ended: number[] = [];
      let raw = "";
      sections.forEach((_, section) => {
        const { pieces, runs } = marking.draw(section);
        for (const run of runs) {
          let at = run.start;
          for (const slice of slicesOf(text, pieces, [run])) {
            const shown = slice.parts.map((part) => part.text).join("");
            expect(slice.start).toBe(at);
            const end = run.shown === undefined ? at + shown.length : run.end;
            if (run.shown === undefined) {
              expect(shown).toBe(text.slice(at, end));
              const own = slice.covers.map(({ passage }) => passage.place).sort();
              for (let unit = at; unit < end; unit++) {
                const over = wholes.filter((passage) => passage.start <= unit && unit < passage.end);
                if (String(over.map(({ place }) => place).sort()) !== String(own)) expect(over).toEqual(own);
              }
            }
            at = end;
            raw += shown;
          }
          expect(at).toBe(run.end);
        }
        for (const slice of runs.length ? slicesOf(text, pieces, runs) : []) {
          begun.push(...slice.begin);
          ended.push(...slice.end);
        }
      });
      if (view === "raw") expect(raw).toBe(text);
      // Each passage of which anything is shown begins once and ends once.
      const seen = passages.map(({ place }) => place).filter((place) => marking.sectionOf(place) !== null);
      expect(begun.sort()).toEqual(seen.sort());
      expect(ended.sort()).toEqual(seen);
    }),
    { numRuns: 200 },
  );
});

test("passages that touch are two, also over marks that are not shown", () => {
  const text = "a **b** c";
  const marking = new Marking(
    text,
    sectionsOf(text, "chat"),
    [
      { start: 0, end: 5, strength: "low", place: 0 },
      { start: 5, end: 9, strength: "high", place: 1 },
    ],
    [],
  );
  const { pieces, runs } = marking.draw(0);
  const slices = slicesOf(text, pieces, runs);
  expect(slices.map(({ parts: [part], begin, end }) => [part?.text, begin, end])).toEqual([
    ["a b", [0], [0]],
    [" c", [1], [1]],
  ]);
});

test("a passage of which markdown shows nothing turns its block to source", () => {
  const text = "one\n\n---\n\ntwo";
  const marking = new Marking(
    text,
    sectionsOf(text, "chat"),
    [{ start: 5, end: 8, strength: null, place: 0 }],
    [],
  );
  expect(marking.draw(0).blocks?.map(({ kind }) => kind)).toEqual(["paragraph", "source", "paragraph"]);
  expect(marking.sectionOf(0)).toBe(0);
});

test("no character is cut", () => {
  expect(around("ab", 1)).toEqual({ start: 1, end: 1 });
  expect(around("xe\u0301y", 2)).toEqual({ start: 1, end: 3 });
  expect(around("😀", 1)).toEqual({ start: 0, end: 2 });
  expect(around("👩‍👩‍👧", 3)).toEqual({ start: 0, end: 8 });
});

test.each(["x", "\n", "word ", "👩‍👩‍👧", "\r"])("a megabyte of %j is in few sections, uncut", (part) => {
  const text = part.repeat(1_000_000 / part.length);
  const sections = sectionsOf(text, "raw");
  expect(sections.length).toBeLessThanOrEqual(300);
  expect(sections.every(({ start, end }) => text.slice(start, end).isWellFormed())).toBe(true);
  expect(sections.at(-1)?.end).toBe(text.length);
});

test("what shows nothing is named, and nothing else", () => {
  expect(visibleParts("a\u202eb")).toEqual([
    { text: "a", name: null },
    { text: "\u202e", name: "RLO" },
    { text: "b", name: null },
  ]);
  expect(visibleParts("a\0\0\x1b\ud800\r\nb")).toEqual([
    { text: "a", name: null },
    { text: "\0\0\x1b\ud800", name: "NUL NUL ESC +1" },
    { text: "\nb", name: null },
  ]);
  for (const text of ["👩‍👩‍👧", "🏴󠁧󠁢󠁥󠁮󠁧󠁿", "می‌خواهم", "क्‍ष", "❤️", "\tplain\n"])
    expect(visibleParts(text)).toEqual([{ text, name: null }]);
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), (text) => {
      const all = visibleParts(text).map((part) => part.text);
      expect(all.join("")).toBe(text.replaceAll("\r\n", "\n"));
    }),
  );
});
