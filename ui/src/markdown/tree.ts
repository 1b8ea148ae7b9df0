/** Markdown as what is drawn: elements, and texts of which every unit knows where it stands in the source. */

import type { Nodes, PhrasingContent, RootContent } from "mdast";
import { type Aligned, alignCode, alignInlineCode, alignText, verbatim } from "./align";
import { chunks } from "./chunks";
import { parse } from "./parse";

export const TAGS = {
  paragraph: "p",
  heading: "p",
  blockquote: "blockquote",
  list: "ul",
  listItem: "li",
  emphasis: "em",
  strong: "strong",
  delete: "del",
  inlineCode: "code",
  code: "pre",
  table: "table",
  tableRow: "tr",
  tableCell: "td",
  link: "a",
} as const;

export interface TextNode {
  kind: "text";
  text: Aligned;
}

export interface ElementNode {
  kind: "element";
  name: keyof typeof TAGS | "source" | "image" | "break" | "rule";
  children: readonly MarkdownNode[];
  /** Of a link: an address of the web; others are not followed. */
  href?: string;
  /** Of a heading: from 1. */
  depth?: number;
  /** Of a list: its first number; none: it is not numbered. */
  first?: number;
  /** Of an item of a list of tasks. */
  checked?: boolean;
  /** Of a table's cells. */
  isHead?: boolean;
}

export type MarkdownNode = TextNode | ElementNode;

/** A part of the source that stands by itself. */
export interface Block {
  start: number;
  end: number;
  node: ElementNode;
}

const DEEPEST = 60;

class UnalignedError extends Error {}

/** The blocks of a text; one whose characters cannot be told from its markup is shown as its source. */
export function readMarkdown(source: string): Block[] {
  return chunks(source).flatMap(({ start, end, isLong }) => {
    const reader = new Reader(source.slice(start, end), start);
    return isLong ? [reader.whole()] : reader.blocks();
  });
}

/** Reads one chunk. The parser counts from its start, what is read counts from the text's. */
class Reader {
  constructor(
    private readonly source: string,
    private readonly base: number,
  ) {}

  whole(): Block {
    const end = this.source.length;
    return { start: this.base, end: this.base + end, node: this.sourceOf(0, end) };
  }

  blocks(): Block[] {
    return parse(this.source).children.map((child) => this.block(child));
  }

  private block(node: RootContent): Block {
    const { start, end } = rangeOf(node);
    return { start: this.base + start, end: this.base + end, node: this.alignedOrSource(node) };
  }

  private alignedOrSource(node: RootContent): ElementNode {
    try {
      return this.element(node, 0);
    } catch (error) {
      if (!(error instanceof UnalignedError)) throw error;
      return this.asSource(node);
    }
  }

  private element(node: Nodes, depth: number): ElementNode {
    if (depth > DEEPEST) throw new UnalignedError();
    switch (node.type) {
      case "thematicBreak":
        return { kind: "element", name: "rule", children: [] };
      case "break":
        return { kind: "element", name: "break", children: [] };
      case "inlineCode":
        return this.leaf("inlineCode", node, alignInlineCode);
      case "code":
        return this.leaf("code", node, alignCode);
      case "image":
      case "imageReference":
        return { ...this.asSource(node), name: "image" };
      case "html":
      case "definition":
      case "yaml":
      case "footnoteDefinition":
      case "footnoteReference":
        return this.asSource(node);
      case "heading":
        return { ...this.parent("heading", node, depth), depth: node.depth };
      case "list":
        return { ...this.parent("list", node, depth), ...(node.ordered ? { first: node.start ?? 1 } : {}) };
      case "listItem": {
        const item = this.parent("listItem", node, depth);
        return typeof node.checked === "boolean" ? { ...item, checked: node.checked } : item;
      }
      case "link": {
        const href = webAddress(node.url);
        return { ...this.parent("link", node, depth), ...(href ? { href } : {}) };
      }
      case "linkReference":
        return this.parent("link", node, depth);
      case "table":
        return this.table(node, depth);
      case "paragraph":
      case "blockquote":
      case "emphasis":
      case "strong":
      case "delete":
      case "tableRow":
      case "tableCell":
        return this.parent(node.type, node, depth);
      default:
        return this.asSource(node);
    }
  }

  private parent(name: keyof typeof TAGS, node: { children: readonly Nodes[] }, depth: number): ElementNode {
    return { kind: "element", name, children: node.children.map((child) => this.node(child, depth + 1)) };
  }

  private table(node: { children: readonly Nodes[] }, depth: number): ElementNode {
    const table = this.parent("table", node, depth);
    const [head, ...rows] = table.children;
    if (head?.kind !== "element") return table;
    const cells = head.children.map((cell) => (cell.kind === "element" ? { ...cell, isHead: true } : cell));
    return { ...table, children: [{ ...head, children: cells }, ...rows] };
  }

  private node(node: Nodes | PhrasingContent, depth: number): MarkdownNode {
    if (node.type !== "text") return this.element(node, depth);
    return { kind: "text", text: this.aligned(node, alignText) };
  }

  private leaf(name: "code" | "inlineCode", node: Nodes & { value: string }, align: Align): ElementNode {
    return { kind: "element", name, children: [{ kind: "text", text: this.aligned(node, align) }] };
  }

  private aligned(node: Nodes & { value: string }, align: Align): Aligned {
    const { start, end } = rangeOf(node);
    const found = align(node.value, this.source, start, end);
    if (!found) throw new UnalignedError();
    return this.shifted(found);
  }

  private asSource(node: Nodes): ElementNode {
    const { start, end } = rangeOf(node);
    return this.sourceOf(start, end);
  }

  private sourceOf(start: number, end: number): ElementNode {
    const text = this.shifted(verbatim(this.source, start, end));
    return { kind: "element", name: "source", children: [{ kind: "text", text }] };
  }

  private shifted({ text, at }: Aligned): Aligned {
    return { text, at: this.base === 0 ? at : at.map((place) => place + this.base) };
  }
}

type Align = (value: string, source: string, start: number, end: number) => Aligned | null;

function rangeOf(node: Nodes): { start: number; end: number } {
  const start = node.position?.start.offset;
  const end = node.position?.end.offset;
  if (start === undefined || end === undefined) throw new UnalignedError();
  return { start, end };
}

/** An address that may be followed: of http or https, as a browser would read it. */
export function webAddress(written: string): string | null {
  if (!/^https?:\/\//i.test(written) || !URL.canParse(written)) return null;
  const { protocol, href } = new URL(written);
  return protocol === "http:" || protocol === "https:" ? href : null;
}
