/** Markdown as it is drawn. Every character that is shown knows its place in the source, in UTF-16 units. */

export interface Range {
  start: number;
  end: number;
}

/** Characters that are shown together. */
export interface Run extends Range {
  /** What is shown for all of the range; absent: the source itself, character by character. */
  shown?: string;
}

export type Inline =
  | { kind: "text" | "code" | "image" | "html" | "footnote"; runs: Run[] }
  | { kind: "strong" | "emphasis" | "deleted"; children: Inline[] }
  /** `rest`: the address in the source, which is shown only where a passage reaches into it. */
  | { kind: "link"; href: string | null; children: Inline[]; rest: Range | null };

export interface Item extends Range {
  /** The box of a task. */
  task: { run: Run; isDone: boolean } | null;
  children: Block[];
}

export type Alignment = "left" | "right" | "center" | null;

export type Block = Range &
  (
    | { kind: "paragraph"; children: Inline[] }
    | { kind: "heading"; depth: number; children: Inline[] }
    | { kind: "code"; info: Run | null; runs: Run[]; part: Part }
    | { kind: "quote"; children: Block[] }
    | { kind: "list"; first: number | null; isLoose: boolean; items: Item[] }
    | { kind: "table"; alignments: Alignment[]; rows: Inline[][][] }
    | { kind: "footnote"; label: Run; children: Block[] }
    | { kind: "rule" }
    /** As it stands: what has no better form, or could not be read. */
    | { kind: "source"; runs: Run[]; why: "markup" | "long" | null }
  );

/** Where a part of a long block stands in it. */
export type Part = "whole" | "first" | "middle" | "last";

/** Whether a passage reaches into a range. */
export type Touches = (range: Range) => boolean;

/** All runs that are shown, in the order of the source. */
export function runsOf(blocks: readonly Block[], touches: Touches): Run[] {
  const found: Run[] = [];
  for (const block of blocks) addBlock(block, touches, found);
  return found.sort((one, other) => one.start - other.start);
}

function addBlock(block: Block, touches: Touches, to: Run[]): void {
  switch (block.kind) {
    case "paragraph":
    case "heading":
      addInlines(block.children, touches, to);
      return;
    case "code":
      if (block.info) to.push(block.info);
      to.push(...block.runs);
      return;
    case "source":
      to.push(...block.runs);
      return;
    case "quote":
      for (const child of block.children) addBlock(child, touches, to);
      return;
    case "footnote":
      to.push(block.label);
      for (const child of block.children) addBlock(child, touches, to);
      return;
    case "list":
      for (const { task, children } of block.items) {
        if (task) to.push(task.run);
        for (const child of children) addBlock(child, touches, to);
      }
      return;
    case "table":
      for (const cells of block.rows) for (const cell of cells) addInlines(cell, touches, to);
      return;
    case "rule":
      return;
  }
}

function addInlines(inlines: readonly Inline[], touches: Touches, to: Run[]): void {
  for (const inline of inlines) {
    if ("runs" in inline) to.push(...inline.runs);
    else {
      addInlines(inline.children, touches, to);
      if (inline.kind === "link" && inline.rest && touches(inline.rest)) to.push(inline.rest);
    }
  }
}
