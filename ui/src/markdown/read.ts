/** Reads a part of a text as markdown, as GitHub does; offsets are those of the text. */

import type { Nodes } from "mdast";
import { fromMarkdown } from "mdast-util-from-markdown";
import { gfmFromMarkdown } from "mdast-util-gfm";
import { gfm } from "micromark-extension-gfm";
import type { Block, Inline, Item, Range, Run } from "./model";
import { PARTS, Tokens } from "./seen";

/** The parser takes the square of some of these; above it the text is shown as its source. */
const MOST_MARKS = 1_200;
const LONGEST = 30_000;
const DEEPEST = 40;
const MARK = /[[\]*_~`<!&\\|]/g;
const DEEP = /^(?:[ \t]*>){20}|^(?:[ \t]*(?:[-*+]|\d{1,9}[.)])[ \t]+){20}/m;

/** A second pass over finished texts, which loses their places, is left out; the first finds nearly all it would. */
const treeExtensions = gfmFromMarkdown().map((extension) => ({ ...extension, transforms: [] }));

/** Definitions of links that stand elsewhere in the text. */
export type Definitions = readonly { label: string; line: string }[];

export function readMarkdown(text: string, range: Range, definitions: Definitions = []): Block[] {
  const source = text.slice(range.start, range.end);
  if (!isBearable(source)) return [asSource(range, "long")];
  const from = source.startsWith("\uFEFF") ? 1 : 0;
  const added = definitions.filter(({ label }) => source.includes(`[${label}]`)).map(({ line }) => line);
  const read = added.length ? `${source}\n\n${added.join("\n")}` : source;
  const tokens = new Tokens(from ? read.slice(from) : read);
  const tree = fromMarkdown(read, {
    extensions: [gfm()],
    mdastExtensions: [...treeExtensions, tokens.extension],
  });
  tokens.sort();
  return new Reader(source.slice(from), range.start + from, tokens, addresses(tree)).blocks(tree, 0);
}

function isBearable(source: string): boolean {
  return source.length <= LONGEST && (source.match(MARK)?.length ?? 0) <= MOST_MARKS && !DEEP.test(source);
}

function addresses(tree: Nodes): Map<string, string> {
  const found = new Map<string, string>();
  const visit = (node: Nodes, depth: number) => {
    if (node.type === "definition" && !found.has(node.identifier)) found.set(node.identifier, node.url);
    if ("children" in node && depth < DEEPEST) for (const child of node.children) visit(child, depth + 1);
  };
  visit(tree, 0);
  return found;
}

function asSource(range: Range, why: "markup" | "long" | null): Block {
  return {
    kind: "source",
    start: range.start,
    end: range.end,
    runs: [{ start: range.start, end: range.end }],
    why,
  };
}

class Reader {
  constructor(
    private readonly source: string,
    private readonly base: number,
    private readonly tokens: Tokens,
    private readonly addresses: ReadonlyMap<string, string>,
  ) {}

  blocks(parent: Nodes, depth: number): Block[] {
    const children: readonly Nodes[] = "children" in parent ? parent.children : [];
    return children.flatMap((child) =>
      this.rangeOf(child).start < this.source.length ? this.block(child, depth) : [],
    );
  }

  private block(node: Nodes, depth: number): Block {
    const range = this.placed(this.rangeOf(node));
    if (depth > DEEPEST) return asSource(range, "long");
    switch (node.type) {
      case "paragraph":
        return { ...range, kind: "paragraph", children: this.inlines(node, depth) };
      case "heading":
        return { ...range, kind: "heading", depth: node.depth, children: this.inlines(node, depth) };
      case "blockquote":
        return { ...range, kind: "quote", children: this.blocks(node, depth + 1) };
      case "list":
        return {
          ...range,
          kind: "list",
          first: node.ordered ? (node.start ?? 1) : null,
          isLoose: node.spread === true || node.children.some(({ spread }) => spread),
          items: node.children.map((item) => this.item(item, depth + 1)),
        };
      case "code":
        return this.code(node.value, range, this.rangeOf(node));
      case "table":
        return {
          ...range,
          kind: "table",
          alignments: (node.align ?? []).map((one) => one ?? null),
          rows: node.children.map((row) => row.children.map((cell) => this.inlines(cell, depth))),
        };
      case "footnoteDefinition": {
        const length = this.source.slice(this.rangeOf(node).start).indexOf("]:") + 2;
        const label = { start: range.start, end: range.start + length };
        return { ...range, kind: "footnote", label, children: this.blocks(node, depth + 1) };
      }
      case "thematicBreak":
        return { ...range, kind: "rule" };
      case "html": {
        const runs = this.aligned(node.value, this.rangeOf(node), PARTS.html);
        return runs ? { ...range, kind: "source", runs, why: "markup" } : asSource(range, "markup");
      }
      default:
        return asSource(range, "markup");
    }
  }

  private item(node: Nodes & { type: "listItem" }, depth: number): Item {
    const range = this.rangeOf(node);
    const found = /^[^[]{1,16}?\[([ \txX\r\n])\]/.exec(this.source.slice(range.start, range.start + 32));
    const isTask = typeof node.checked === "boolean" && found !== null;
    const end = this.base + range.start + (found?.[0].length ?? 0);
    const isDone = node.checked === true;
    return {
      ...this.placed(range),
      task: isTask ? { run: { start: end - 3, end, shown: isDone ? "☑" : "☐" }, isDone } : null,
      children: this.blocks(node, depth),
    };
  }

  private code(value: string, range: Range, own: Range): Block {
    const runs = this.aligned(value, own, PARTS.block);
    if (!runs) return asSource(range, null);
    const fence = /^(?:`{3,}|~{3,})[ \t]*(\S[^\r\n]*?)?[ \t]*(?=[\r\n]|$)/.exec(
      this.source.slice(own.start, own.end),
    );
    const [line = "", words = ""] = fence ?? [];
    const from = range.start + line.lastIndexOf(words);
    return {
      ...range,
      kind: "code",
      info: words ? { start: from, end: from + words.length } : null,
      runs,
      part: "whole",
    };
  }

  private inlines(parent: Nodes, depth: number): Inline[] {
    const children: readonly Nodes[] = "children" in parent ? parent.children : [];
    return children.map((child) => this.inline(child, depth + 1));
  }

  private inline(node: Nodes, depth: number): Inline {
    const own = this.rangeOf(node);
    const raw: Run[] = [this.placed(own)];
    if (depth > DEEPEST) return { kind: "text", runs: raw };
    switch (node.type) {
      case "text":
        return { kind: "text", runs: this.aligned(node.value, own, PARTS.text) ?? raw };
      case "inlineCode":
        return { kind: "code", runs: this.aligned(node.value, own, PARTS.code) ?? raw };
      case "html":
        return { kind: "html", runs: this.aligned(node.value, own, PARTS.html) ?? raw };
      case "break":
        return { kind: "text", runs: [{ ...this.placed(own), shown: "\n" }] };
      case "strong":
      case "emphasis":
        return { kind: node.type, children: this.inlines(node, depth) };
      case "delete":
        return { kind: "deleted", children: this.inlines(node, depth) };
      case "link":
        return this.link(node, node.url, depth);
      case "linkReference":
        return this.link(node, this.addresses.get(node.identifier) ?? "", depth);
      case "image":
      case "imageReference":
        return { kind: "image", runs: raw };
      case "footnoteReference":
        return { kind: "footnote", runs: raw };
      default:
        return { kind: "text", runs: raw };
    }
  }

  private link(node: Nodes, url: string, depth: number): Inline {
    const own = this.placed(this.rangeOf(node));
    const children = this.inlines(node, depth);
    const last = "children" in node ? node.children.at(-1) : undefined;
    if (!last)
      return { kind: "link", href: webAddress(url), children: [{ kind: "text", runs: [own] }], rest: null };
    const from = this.placed(this.rangeOf(last)).end;
    // Behind `](` or `][`; an address between angle brackets is its own text.
    const hasRest = own.end - from > 3;
    return {
      kind: "link",
      href: webAddress(url),
      children,
      rest: hasRest ? { start: from + 2, end: own.end - 1 } : null,
    };
  }

  private aligned(value: string, range: Range, types: ReadonlySet<string>): Run[] | null {
    const runs = this.tokens.align(value, range, types);
    return runs?.map((run) => ({ ...run, start: run.start + this.base, end: run.end + this.base })) ?? null;
  }

  private placed({ start, end }: Range): Range {
    return { start: start + this.base, end: end + this.base };
  }

  private rangeOf(node: Nodes): Range {
    const start = node.position?.start.offset ?? 0;
    return { start, end: Math.min(node.position?.end.offset ?? start, this.source.length) };
  }
}

/** An address that may be followed: of http or https, as a browser reads it. */
export function webAddress(written: string): string | null {
  if (!URL.canParse(written)) return null;
  const { protocol, href } = new URL(written);
  return protocol === "http:" || protocol === "https:" ? href : null;
}
