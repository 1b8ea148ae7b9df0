import fc from "fast-check";
import type { Nodes } from "mdast";
import { expect, test } from "vitest";
import { type Aligned, alignCode, alignInlineCode, alignText } from "./align";
import { parse } from "./parse";

const fragments = [
  "word ",
  "two words",
  "*",
  "**",
  "_",
  "`",
  "``",
  "~~",
  "\\*",
  "\\\\",
  "\\",
  "&amp;",
  "&lt;",
  "&#65;",
  "&#x1f600;",
  "&notin;",
  "&bogus;",
  "&",
  "\n",
  "\n\n",
  "\r\n",
  "  \n",
  "> ",
  ">",
  "- ",
  "1. ",
  "    ",
  "\t",
  "```\n",
  "```js\n",
  "~~~\n",
  "# ",
  "| a | b |\n|---|---|\n| c \\| d | e |\n",
  "[x](http://e.org)",
  "![i](u)",
  "<b>",
  "</b>",
  "<!-- c -->",
  "😀",
  "é",
  "\0",
  "\u200b",
  "---\n",
  "===\n",
  "[x]: /u\n",
  "- [ ] ",
  "http://e.org",
];
const markdown = fc.array(fc.constantFrom(...fragments), { maxLength: 24 }).map((parts) => parts.join(""));

function leaves(node: Nodes): Nodes[] {
  return "children" in node ? node.children.flatMap((child) => leaves(child as Nodes)) : [node];
}

function aligned(node: Nodes, source: string): { value: string; found: Aligned | null } | null {
  const start = node.position?.start.offset;
  const end = node.position?.end.offset;
  if (start === undefined || end === undefined) return null;
  if (node.type === "text") return { value: node.value, found: alignText(node.value, source, start, end) };
  if (node.type === "inlineCode")
    return { value: node.value, found: alignInlineCode(node.value, source, start, end) };
  if (node.type === "code") return { value: node.value, found: alignCode(node.value, source, start, end) };
  return null;
}

/** What a place of the source may stand for. */
function explains(source: string, at: number, unit: string): boolean {
  return (
    source[at] === unit ||
    source[at] === "&" ||
    source[at] === "\0" ||
    (/[\n\r \t]/.test(source[at] ?? "\n") && /[\n\r ]/.test(unit))
  );
}

test("what is aligned stands where it is said to, in order", () => {
  fc.assert(
    fc.property(markdown, (source) => {
      for (const leaf of leaves(parse(source))) {
        const { value, found } = aligned(leaf, source) ?? {};
        if (!found) continue;
        expect(found.text).toBe(value);
        const fault = [...found.text.split("").keys()].find(
          (unit) =>
            !explains(source, found.at[unit] ?? -1, found.text[unit] ?? "") ||
            (found.at[unit] ?? 0) < (found.at[unit - 1] ?? 0),
        );
        expect(fault, JSON.stringify({ source, value })).toBeUndefined();
      }
    }),
    { numRuns: 300 },
  );
});

test("nearly everything can be aligned", () => {
  let all = 0;
  let lost = 0;
  const examples: string[] = [];
  fc.assert(
    fc.property(markdown, (source) => {
      for (const leaf of leaves(parse(source))) {
        const one = aligned(leaf, source);
        if (!one) continue;
        all++;
        if (!one.found) {
          lost++;
          examples.push(
            JSON.stringify([
              leaf.type,
              one.value,
              source.slice(leaf.position?.start.offset, leaf.position?.end.offset),
            ]),
          );
        }
      }
    }),
    { numRuns: 600, seed: 7 },
  );
  expect(lost / all, examples.slice(0, 5).join("\n")).toBeLessThan(0.01);
});

test.each([
  ["a \\* b &amp; c", "a * b & c", [0, 1, 3, 4, 5, 6, 7, 12, 13, 14]],
  ["&amp;amp;", "&amp;", [0, 5, 6, 7, 8, 9]],
])("%j", (source, value, at) => {
  const [leaf] = leaves(parse(source));
  if (!leaf) throw new Error("nothing was parsed");
  expect(aligned(leaf, source)?.value).toBe(value);
  expect(Array.from(aligned(leaf, source)?.found?.at ?? [])).toEqual(at);
});
