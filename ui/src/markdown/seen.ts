/**
 * Where the characters of parsed markdown stand in the source: the parser's own tokens say it. What can not be brought
 * together with a node's value is not aligned, and is shown as its source.
 */

import type { CompileContext, Extension } from "mdast-util-from-markdown";
import type { Range, Run } from "./model";

type Token = Parameters<NonNullable<Extension["beforeEnter"]>>[0];

const TEXT = new Set(["data", "characterEscapeValue", "characterReference", "lineEnding"]);
const CODE = new Set(["codeTextData", "lineEnding"]);
const BLOCK = new Set(["codeFlowValue", "lineEnding", "lineEndingBlank"]);
const HTML = new Set(["htmlFlowData", "htmlTextData", "lineEnding", "lineEndingBlank"]);

/** Types of the tokens that make up the value of a kind of node. */
export const PARTS = { text: TEXT, code: CODE, block: BLOCK, html: HTML } as const;

interface Seen extends Range {
  type: string;
  /** What a reference stands for. */
  decoded?: string;
}

const RECORDED = new Set([...TEXT, ...CODE, ...BLOCK, ...HTML]);

/** Notes tokens as the parser's events are made a tree. */
export class Tokens {
  private readonly seen: Seen[] = [];
  private reference: { token: Seen; before: number } | null = null;

  constructor(private readonly source: string) {}

  readonly extension: Extension = {
    beforeEnter: ((recorder) =>
      function (this: CompileContext, token: Token) {
        recorder.enter(this, token);
      })(this),
    afterExit: ((recorder) =>
      function (this: CompileContext, token: Token) {
        recorder.exit(this, token);
      })(this),
  };

  private enter(context: CompileContext, token: Token): void {
    const type: string = token.type;
    if (RECORDED.has(type)) this.seen.push({ type, start: token.start.offset, end: token.end.offset });
    const last = this.seen.at(-1);
    if (type === "characterReferenceValue" && last)
      this.reference = { token: last, before: textOf(context).length };
  }

  private exit(context: CompileContext, token: Token): void {
    if (token.type !== "characterReferenceValue" || !this.reference) return;
    this.reference.token.decoded = textOf(context).slice(this.reference.before);
    this.reference = null;
  }

  /** Brings the tokens into the order of the source; they are asked for only then. */
  sort(): void {
    this.seen.sort((one, other) => one.start - other.start);
  }

  /** The runs that make up a value which stands in a range; null: they do not. */
  align(value: string, { start, end }: Range, types: ReadonlySet<string>): Run[] | null {
    const tokens = this.within(start, end, types);
    for (const some of [tokens, ...trimmed(tokens)]) {
      const runs = this.match(value, some);
      if (runs) return runs;
    }
    return null;
  }

  private within(start: number, end: number, types: ReadonlySet<string>): Seen[] {
    let low = 0;
    let high = this.seen.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.seen[middle]?.end ?? 0) <= start && (this.seen[middle]?.start ?? 0) < start) low = middle + 1;
      else high = middle;
    }
    const found: Seen[] = [];
    for (let at = low; at < this.seen.length; at++) {
      const token = this.seen[at];
      if (!token || token.start >= end) break;
      if (types.has(token.type) && token.end > start)
        found.push({ ...token, start: Math.max(start, token.start), end: Math.min(end, token.end) });
    }
    return found;
  }

  private match(value: string, tokens: readonly Seen[]): Run[] | null {
    const runs: Run[] = [];
    let at = 0;
    for (const token of tokens) {
      if (at === value.length) break;
      const run = this.runOf(token, value, at);
      if (!run) return null;
      at += run.shown?.length ?? run.end - run.start;
      const last = runs.at(-1);
      if (last && last.end === run.start && last.shown === undefined && run.shown === undefined)
        last.end = run.end;
      else runs.push(run);
    }
    return at === value.length ? runs : null;
  }

  private runOf({ start, end, decoded }: Seen, value: string, at: number): Run | null {
    if (decoded !== undefined) return value.startsWith(decoded, at) ? { start, end, shown: decoded } : null;
    const source = this.source.slice(start, end);
    if (value.startsWith(source, at)) return { start, end };
    if (/^[\r\n]+$/.test(source) && /[ \n]/.test(value[at] ?? ""))
      return { start, end, shown: value[at] ?? "" };
    const isSame = source.replaceAll("\0", "\ufffd") === value.slice(at, at + source.length);
    return isSame ? { start, end } : null;
  }
}

/** The same without the line ends around a block of code, which are not of its value. */
function trimmed(tokens: readonly Seen[]): Seen[][] {
  const isEnd = (token: Seen | undefined) => token?.type.startsWith("lineEnding") === true;
  if (!isEnd(tokens[0]) && !isEnd(tokens.at(-1))) return [];
  return [tokens.slice(1), tokens.slice(0, -1), tokens.slice(1, -1)];
}

function textOf(context: CompileContext): string {
  const node = context.stack.at(-1);
  return node && "value" in node && typeof node.value === "string" ? node.value : "";
}
