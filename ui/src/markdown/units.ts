/**
 * A text of markdown cut where no block reaches over, without reading it as markdown. Each unit can be read alone: what a
 * long text costs is spread over the times at which its parts come into view, and what a hostile part costs is bounded.
 */

import type { Range } from "./model";

export interface Unit extends Range {
  /** Code between fences at the beginning of the line; null: anything. */
  fence: { info: Range | null; code: Range } | null;
}

interface Line extends Range {
  /** Without its end. */
  text: string;
}

interface OpenFence {
  mark: string;
  /** It may stand in a list, which would end it early. */
  isUnsure: boolean;
  /** Where its unit begins; null: it is a part of a unit that holds more. */
  unit: Unit | null;
}

const FENCE = /^( {0,3})(`{3,}(?=[^`]*$)|~{3,})[ \t]*(.*?)[ \t]*$/;
const BLANK = /^[ \t]*$/;
const LIST_ITEM = /^[ \t]*(?:[-*+]|\d{1,9}[.)])(?:[ \t]|$)/;
const CONTAINER = /^[ \t]*(?:[-*+]|\d{1,9}[.)]|\[\^)/;
const HTML = /^ {0,3}</;
/** HTML that may hold blank lines. */
const LASTING_HTML = /^[ \t>]*(?:<(?:script|pre|style|textarea)(?=[\s>]|$)|<!--|<\?|<![a-z]|<!\[CDATA\[)/i;
const INDENTED = /^[ \t\uFEFF]/;
/** Longer beginnings of lines decide nothing. */
const MOST_OF_LINE = 1_000;

export function unitsOf(text: string): Unit[] {
  return new Cutter(text).cut();
}

class Cutter {
  private readonly units: Unit[] = [];
  private start = 0;
  private open: OpenFence | null = null;
  private afterBlank = false;
  private hasContainer = false;
  private isInHtml = false;
  private isGivenUp = false;

  constructor(private readonly text: string) {}

  cut(): Unit[] {
    for (let at = 0; at < this.text.length && !this.isGivenUp; ) {
      const line = at === 0 ? withoutMark(lineAt(this.text, at)) : lineAt(this.text, at);
      if (this.open) this.readInside(line, this.open);
      else this.readLine(line);
      at = line.end;
    }
    if (this.open?.unit) this.close(this.open.unit, this.text.length, this.text.length);
    this.finish(this.text.length);
    return this.units;
  }

  private readLine(line: Line): void {
    if (LASTING_HTML.test(line.text)) {
      this.isGivenUp = true;
      return;
    }
    const isBlank = BLANK.test(line.text);
    if (this.isEdge(line, isBlank)) this.finish(line.start);
    const fence = FENCE.exec(line.text);
    if (fence) {
      this.openFence(line, fence);
      return;
    }
    if (isBlank) this.isInHtml = false;
    else {
      this.isInHtml ||= HTML.test(line.text);
      this.hasContainer ||= CONTAINER.test(line.text);
    }
    this.afterBlank = isBlank;
  }

  /** Whether nothing of what stands before a line goes on in it. */
  private isEdge({ text }: Line, isBlank: boolean): boolean {
    return this.afterBlank && !isBlank && !INDENTED.test(text) && !LIST_ITEM.test(text);
  }

  private openFence(line: Line, fence: RegExpExecArray): void {
    const [, indent = "", mark = "", info = ""] = fence;
    if (this.isInHtml) {
      this.isGivenUp = true;
      return;
    }
    this.afterBlank = false;
    if (indent !== "" || line.text.length >= MOST_OF_LINE) {
      this.open = { mark, isUnsure: this.hasContainer, unit: null };
      return;
    }
    this.finish(line.start);
    const from = line.start + line.text.indexOf(info, mark.length);
    const code = { start: line.end, end: line.end };
    const range = info === "" ? null : { start: from, end: from + info.length };
    this.open = {
      mark,
      isUnsure: false,
      unit: { start: line.start, end: line.end, fence: { info: range, code } },
    };
  }

  private readInside(line: Line, open: OpenFence): void {
    if (open.isUnsure && this.isEdge(line, BLANK.test(line.text))) {
      this.isGivenUp = true;
      return;
    }
    this.afterBlank = BLANK.test(line.text);
    if (!closes(line.text, open.mark)) return;
    this.open = null;
    this.afterBlank = false;
    if (open.unit) this.close(open.unit, line.start, line.end);
  }

  private close(unit: Unit, codeEnd: number, end: number): void {
    if (unit.fence) unit.fence.code.end = Math.max(unit.fence.code.start, codeEnd);
    unit.end = end;
    this.units.push(unit);
    this.reset(end);
    this.open = null;
  }

  private finish(end: number): void {
    if (end > this.start) this.units.push({ start: this.start, end, fence: null });
    this.reset(end);
  }

  private reset(start: number): void {
    this.start = start;
    this.afterBlank = false;
    this.hasContainer = false;
    this.isInHtml = false;
  }
}

function closes(line: string, mark: string): boolean {
  const found = /^ {0,3}(`{3,}|~{3,})[ \t]*$/.exec(line)?.[1] ?? "";
  return found[0] === mark[0] && found.length >= mark.length;
}

/** The line that begins at a place. Lines end as in markdown: with LF, CR LF or CR. */
/** The parser does not see a byte order mark. A blank in its place makes code in fences a part of its unit, not all of it. */
function withoutMark(line: Line): Line {
  if (!line.text.startsWith("\uFEFF")) return line;
  const rest = line.text.slice(1);
  return { ...line, text: /^[ \t]/.test(rest) ? rest : ` ${rest}` };
}

function lineAt(text: string, start: number): Line {
  const feed = text.indexOf("\n", start);
  const before = feed < 0 ? text.length : feed;
  const carriage = text.slice(start, before).indexOf("\r");
  if (carriage >= 0 && start + carriage + 1 !== before) {
    const at = start + carriage;
    return { start, end: at + 1, text: text.slice(start, Math.min(at, start + MOST_OF_LINE)) };
  }
  const last = carriage >= 0 && feed >= 0 ? before - 1 : carriage >= 0 ? start + carriage : before;
  return {
    start,
    end: feed < 0 ? text.length : feed + 1,
    text: text.slice(start, Math.min(last, start + MOST_OF_LINE)),
  };
}
