/** How rare a passage's words are, in words. */

import type { Schema } from "../api/client";
import { formatCount, plural, shorten } from "../ui/format";

type Span = Schema["SpanModel"];

/** Coin tosses that are as unlikely: from the natural logarithm to base 2. */
export function bitsOf(logProbability: number): number {
  return logProbability === 0 ? 0 : -logProbability / Math.LN2;
}

export function formatBits(bits: number): string {
  return `${formatCount(Number(bits < 10 ? bits.toFixed(1) : Math.round(bits)))} bits`;
}

/** Place of the rarest span; undefined: there is none. */
export function rarestOf(spans: readonly Span[]): number | undefined {
  let rarest: number | undefined;
  spans.forEach((span, place) => {
    const before = rarest === undefined ? undefined : spans[rarest];
    if (before === undefined || span.log_probability < before.log_probability) rarest = place;
  });
  return rarest;
}

export function countWords(span: Pick<Span, "count" | "count_is_lower_bound">): string {
  if (span.count === 0) return "no longer in any index";
  const least = span.count_is_lower_bound ? "at least " : "";
  return `stands ${least}${span.count === 1 ? "once" : plural(span.count, "time")}`;
}

/** What the number of bits means: it is made of single tokens, so it says nothing of how likely their order is. */
export function rarityWords(span: Pick<Span, "log_probability" | "tokens">): string {
  const bits = bitsOf(span.log_probability);
  const each = span.tokens > 0 ? `, ${formatBits(bits / span.tokens)} for each of its ${tokens(span)}` : "";
  return `${formatBits(bits)}${each}: tokens drawn one by one from the indexes would be these with a chance of ${chance(bits)}`;
}

function tokens(span: Pick<Span, "tokens">): string {
  return plural(span.tokens, "token");
}

/** "1 in 1,024", or as a power of ten where nobody reads the number any more. */
function chance(bits: number): string {
  const MOST_READ = 30;
  if (bits < MOST_READ) return `1 in ${formatCount(Math.round(2 ** bits))}`;
  const power = String(Math.floor(bits * Math.log10(2)));
  return `1 in 10${[...power].map((digit) => SUPERSCRIPTS[Number(digit)]).join("")}`;
}

const SUPERSCRIPTS = "⁰¹²³⁴⁵⁶⁷⁸⁹";

/** The longest span in characters, 0 where there is none. */
export function longestOf(spans: readonly Pick<Span, "start" | "end">[]): number {
  return spans.reduce((longest, span) => Math.max(longest, span.end - span.start), 0);
}

/** Names hold what is seen, as far as anybody listens. */
const LONGEST_NAME = 10_000;

/** The accessible name of a passage: what it says, then what is counted of it. */
export function describeSpan(span: Span): string {
  const level = span.relevance ? `, ${span.relevance} relevance` : "";
  const documents = plural(span.documents.length, "document");
  const said = shorten(span.text, LONGEST_NAME);
  return `${said}: ${plural(span.end - span.start, "character")}, ${countWords(span)}, ${documents}${level}`;
}
