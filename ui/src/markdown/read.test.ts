import fc from "fast-check";
import { fromMarkdown } from "mdast-util-from-markdown";
import { gfmFromMarkdown } from "mdast-util-gfm";
import { gfm } from "micromark-extension-gfm";
import { expect, test } from "vitest";
import { type Block, type Inline, type Run, runsOf } from "./model";
import { readMarkdown, webAddress } from "./read";
import { markdownSections } from "./sections";
import { unitsOf } from "./units";

const parts = fc.constantFrom(
  "word ",
  "two words",
  "\n",
  "\n\n",
  "\r\n",
  "*",
  "**",
  "_",
  "`",
  "``",
  "```\n",
  "```js\n",
  "\n```\n\n",
  "~~~\n",
  "    ",
  "  ",
  "\t",
  "- ",
  "1. ",
  "> ",
  "# ",
  "\n---\n",
  "| a | b |\n|---|---|\n| c \\| d | `e` |\n\n",
  "[link](http://e.org 'title')",
  "[ref]",
  "[ref]: http://e.org\n",
  "![image](a.png)",
  "[",
  "](",
  "[^1]",
  "\n\n[^1]: note\n",
  "~~gone~~",
  "- [x] done\n",
  "&amp;",
  "&#0;",
  "&nosuch;",
  "&notin;",
  "\\*",
  "\\\n",
  "  \n",
  "<b>",
  "<div>\n",
  "<!-- ",
  "http://e.org/a_b",
  "<http://e.org>",
  "a@b.org",
  "\0",
  "\uFEFF",
  "👩‍👩‍👧",
  "e\u0301",
  "שלום ",
);
const markdown = fc.array(parts, { maxLength: 24 }).map((all) => all.join(""));
const never = () => false;

function drawn(text: string, runs: readonly Run[]): string {
  return runs.map(({ start, end, shown }) => shown ?? text.slice(start, end)).join("");
}

test("runs are in order, do not overlap, and lie within the text", () => {
  fc.assert(
    fc.property(markdown, fc.boolean(), (text, touched) => {
      for (const section of markdownSections(text)) {
        const runs = runsOf(section.read(), () => touched);
        let before = section.start;
        for (const { start, end } of runs) {
          expect(start).toBeGreaterThanOrEqual(before);
          expect(end).toBeGreaterThanOrEqual(start);
          before = end;
        }
        expect(before).toBeLessThanOrEqual(section.end);
      }
    }),
    { numRuns: 200 },
  );
});

test("letters are never lost: only marks, spaces and addresses are not shown", () => {
  fc.assert(
    fc.property(markdown, (text) => {
      const runs = markdownSections(text).flatMap((section) => runsOf(section.read(), () => true));
      const shown = new Set(
        runs.flatMap(({ start, end }) => Array.from({ length: end - start }, (_, at) => start + at)),
      );
      for (const { index } of text.matchAll(/word|words|gone|done|note|שלום|👩/g))
        expect(shown.has(index)).toBe(true);
    }),
    { numRuns: 200 },
  );
});

/** The leaves of the parser's own tree, for comparison. */
function leaves(text: string): string[] {
  const found: string[] = [];
  const visit = (node: { type: string; value?: string; children?: unknown }) => {
    if (["text", "inlineCode", "code"].includes(node.type)) found.push(node.value ?? "");
    if (Array.isArray(node.children)) node.children.forEach(visit);
  };
  visit(
    fromMarkdown(text, {
      extensions: [gfm()],
      mdastExtensions: gfmFromMarkdown().map((extension) => ({ ...extension, transforms: [] })),
    }),
  );
  return found.filter((value) => value !== "");
}

function textsOf(text: string, blocks: readonly Block[]): string[] {
  const found: string[] = [];
  const inlines = (all: readonly Inline[]) => {
    for (const one of all) {
      if ("children" in one) inlines(one.children);
      else if (one.kind === "text" || one.kind === "code") found.push(drawn(text, one.runs));
    }
  };
  const visit = (all: readonly Block[]) => {
    for (const block of all) {
      if (block.kind === "code") found.push(drawn(text, block.runs));
      else if (block.kind === "paragraph" || block.kind === "heading") inlines(block.children);
      else if (block.kind === "table") for (const row of block.rows) row.forEach(inlines);
      else if (block.kind === "list") for (const item of block.items) visit(item.children);
      else if (block.kind === "quote" || block.kind === "footnote") visit(block.children);
    }
  };
  visit(blocks);
  return found.filter((value) => value !== "");
}

const plain = (values: readonly string[]) =>
  values
    .map((value) => value.replaceAll("\0", "\ufffd").replaceAll(/\r\n|\r/g, "\n"))
    .filter((value) => value !== "\n");

test("what is shown of texts and code is what the parser reads", () => {
  fc.assert(
    fc.property(markdown, (text) => {
      const blocks = readMarkdown(text, { start: 0, end: text.length });
      expect(plain(textsOf(text, blocks))).toEqual(plain(leaves(text)));
    }),
    { numRuns: 300 },
  );
});

test("a text that is cut is read as the whole is", () => {
  fc.assert(
    fc.property(markdown, (text) => {
      fc.pre(!/\]:/.test(text));
      const units = unitsOf(text);
      expect(units.map(({ start, end }) => text.slice(start, end)).join("")).toBe(text);
      const alone = units.flatMap((unit) => readMarkdown(text, unit));
      expect(plain(textsOf(text, alone))).toEqual(plain(leaves(text)));
    }),
    { numRuns: 300, examples: [["\ufeff~~~\n\n```\n\n"], ["\ufeff```\na\n```\n\nb"]] },
  );
});

test("addresses of links are shown where a passage reaches into them", () => {
  const text = "see [the *book*](http://e.org/book) now";
  const blocks = readMarkdown(text, { start: 0, end: text.length });
  expect(drawn(text, runsOf(blocks, never))).toBe("see the book now");
  expect(
    drawn(
      text,
      runsOf(blocks, () => true),
    ),
  ).toBe("see the bookhttp://e.org/book now");
});

test("only addresses of the web are followed", () => {
  for (const address of [
    "javascript:alert(1)",
    " java\nscript:x",
    "data:text/html,x",
    "//e.org",
    "/x",
    "mailto:a@b.c",
    "ftp://e.org",
  ])
    expect(webAddress(address)).toBeNull();
  expect(webAddress("https://e.org/a b")).toBe("https://e.org/a%20b");
});

test.each([
  ["[".repeat(200_000)],
  ["[a](".repeat(50_000)],
  ["> ".repeat(50_000)],
  ["*a_ ".repeat(50_000)],
  ["`a ".repeat(50_000)],
  ["- ".repeat(50_000)],
  ["\n- a".repeat(20_000)],
  ["a\n\n".repeat(50_000)],
  ["<".repeat(100_000)],
])("hostile markdown is cut into few sections and shown: %#", (text) => {
  const sections = markdownSections(text);
  expect(sections.length).toBeLessThanOrEqual(300);
  expect(sections[0]?.read().length).toBeGreaterThan(0);
  expect(sections.at(-1)?.end).toBe(text.length);
});
