/** A text of markdown in sections, each of which is read when it is needed. */

import { cutLines, lengthOfSections } from "../text/sections";
import type { Block, Part, Range, Run } from "./model";
import { type Definitions, readMarkdown } from "./read";
import { type Unit, unitsOf } from "./units";

export interface MarkdownSection extends Range {
  read: () => Block[];
}

/** Definitions that are looked at; more than this is not a text that people read. */
const MOST_DEFINITIONS = 300;
const DEFINITION = /^ {0,3}\[([^\]\r\n]{1,200})\]:[ \t]*\S[^\r\n]{0,1000}$/gm;

export function markdownSections(text: string): MarkdownSection[] {
  const length = lengthOfSections(text.length);
  const definitions = definitionsOf(text);
  const sections: MarkdownSection[] = [];
  let waiting: Range[] = [];
  const flush = () => {
    const ranges = waiting;
    const [first] = ranges;
    if (!first) return;
    const end = ranges.at(-1)?.end ?? first.end;
    sections.push({
      start: first.start,
      end,
      read: once(() => ranges.flatMap((range) => readMarkdown(text, range, definitions))),
    });
    waiting = [];
  };
  for (const unit of unitsOf(text)) {
    if (unit.fence && unit.end - unit.start > length) {
      flush();
      sections.push(...partsOfCode(text, unit, unit.fence, length));
    } else if (unit.end - unit.start > LONGEST_READ) {
      flush();
      sections.push(...partsOfSource(text, unit, length));
    } else {
      const [first] = waiting;
      if (first && unit.end - first.start > length) flush();
      waiting.push(unit);
    }
  }
  flush();
  return sections;
}

/** Longer units are not read as markdown, and their source is in sections of its own. */
const LONGEST_READ = 30_000;

function partsOfSource(text: string, unit: Range, length: number): MarkdownSection[] {
  return cutLines(text, unit.start, unit.end, length).map((range, at) => ({
    ...range,
    read: () => [{ ...range, kind: "source", runs: [range], why: at === 0 ? "long" : null }],
  }));
}

function partsOfCode(
  text: string,
  unit: Unit,
  fence: NonNullable<Unit["fence"]>,
  length: number,
): MarkdownSection[] {
  const { code, info } = fence;
  const lines = cutLines(text, code.start, code.end, length);
  return lines.map((range, at) => {
    const isFirst = at === 0;
    const isLast = at === lines.length - 1;
    const part: Part = isFirst ? (isLast ? "whole" : "first") : isLast ? "last" : "middle";
    const runs: Run[] = [isLast ? { start: range.start, end: withoutLineEnd(text, range) } : range];
    return {
      start: isFirst ? unit.start : range.start,
      end: isLast ? unit.end : range.end,
      read: () => [{ ...range, kind: "code", info: isFirst ? info : null, runs, part }],
    };
  });
}

function withoutLineEnd(text: string, { start, end }: Range): number {
  const found = /(?:\r\n|\n|\r)$/.exec(text.slice(Math.max(start, end - 2), end));
  return end - (found?.[0].length ?? 0);
}

function definitionsOf(text: string): Definitions {
  const found: { label: string; line: string }[] = [];
  for (const [line, label = ""] of text.matchAll(DEFINITION)) {
    if (found.length === MOST_DEFINITIONS) break;
    found.push({ label, line });
  }
  return found;
}

function once<T>(make: () => T): () => T {
  let made: { value: T } | null = null;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}
