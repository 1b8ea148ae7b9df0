import fc from "fast-check";
import { expect, test } from "vitest";
import { type MarkdownNode, readMarkdown, webAddress } from "./tree";

const fragments = [
  "word ",
  "*",
  "**",
  "_",
  "`",
  "\\*",
  "&amp;",
  "&#x1f600;",
  "\n",
  "\n\n",
  "  \n",
  "> ",
  "- ",
  "1. ",
  "- [x] ",
  "    ",
  "```\n",
  "# ",
  "| a | b |\n|---|---|\n| c | **d** |\n",
  "[x](http://e.org)",
  "![i](u)",
  "<b>",
  "</b>",
  "😀",
  "[x]: /u\n",
  "[x]",
  "---\n",
  "www.example.org ",
  "a@b.org ",
  "[^1]",
  "[^1]: note\n",
];
const markdown = fc.array(fc.constantFrom(...fragments), { maxLength: 24 }).map((parts) => parts.join(""));

function texts(node: MarkdownNode): { text: string; at: Uint32Array }[] {
  return node.kind === "text" ? [node.text] : node.children.flatMap(texts);
}

test("every character is shown at most once, within its block, in order", () => {
  fc.assert(
    fc.property(markdown, (source) => {
      let last = -1;
      for (const block of readMarkdown(source)) {
        for (const { text, at } of texts(block.node)) {
          for (let unit = 0; unit < text.length; unit++) {
            const place = at[unit] ?? -1;
            const isOfOneReference = unit > 0 && place === at[unit - 1];
            if (!isOfOneReference && place <= last)
              expect.fail(JSON.stringify({ source, text, unit, place, last }));
            if (place < block.start || place >= block.end)
              expect.fail(JSON.stringify({ source, text, place, block }));
            last = place;
          }
        }
      }
    }),
    { numRuns: 300 },
  );
});

test("words are never lost", () => {
  fc.assert(
    fc.property(markdown, (source) => {
      const shown = readMarkdown(source)
        .flatMap((block) => texts(block.node))
        .map(({ text }) => text)
        .join(" ");
      expect(shown.split("word").length).toBe(source.split("word").length);
    }),
    { numRuns: 300 },
  );
});

test.each([
  ["http://example.org/a?b", "http://example.org/a?b"],
  ["HTTPS://example.org", "https://example.org/"],
  ["javascript:alert(1)", null],
  ["java\nscript:alert(1)", null],
  ["data:text/html,x", null],
  ["//example.org", null],
  ["/local", null],
  ["http://", null],
])("%j is %j", (written, address) => expect(webAddress(written)).toBe(address));
