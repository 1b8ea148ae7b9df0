/** What is drawn over time: each with its series, its words, and the traces behind it. */

import type { Schema } from "../api/client";
import type { Series } from "../charts/marks";
import type { Axis } from "../charts/scales";
import type { TraceFilters } from "../traces/search";
import { formatCompact, formatCost, formatCount, formatDuration, formatShare, plural } from "../ui/format";

type Item = Schema["StepItem"];

export interface Measure<T> {
  title: string;
  /** What it is, where the title does not say it all. */
  hint?: string;
  series: readonly Series[];
  values: (item: T) => (number | null)[];
  /** Values in words. */
  words: (item: T) => string;
  format: (value: number | null) => string;
  formatTick?: (value: number) => string;
  axis?: (top: number) => Axis;
  /** What the traces behind a mark have in common, besides time. */
  filter?: TraceFilters;
  /** Said instead of a chart without marks. */
  nothing: string;
}

const WHOLE: Axis = { whole: true };
const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

export function unitOfDurations(top: number): Axis {
  return { unit: [HOUR, MINUTE, SECOND].find((unit) => top >= 2 * unit) ?? 1 };
}

/** Milliseconds at an axis whose ticks are round. */
export function tickOfDuration(value: number): string {
  if (value === 0) return "0";
  const units: [number, string][] = [
    [HOUR, "h"],
    [MINUTE, "min"],
    [SECOND, "s"],
  ];
  const [unit, name] = units.find(([one]) => value >= one) ?? [1, "ms"];
  return `${Number((value / unit).toPrecision(3))} ${name}`;
}

const bars = (name: string): Series => ({ name, shape: "bars" });
const line = (name: string): Series => ({ name, shape: "line" });

export const GENERATIONS: Measure<Item> = {
  title: "Generations",
  series: [bars("generations")],
  values: (item) => [item.generations],
  words: (item) => plural(item.generations, "generation"),
  format: formatCount,
  formatTick: formatCompact,
  axis: () => WHOLE,
  nothing: "There are no generations in this time.",
};

export const COVERAGE: Measure<Item> = {
  title: "Coverage",
  hint: "The share of the outputs' characters that stands in the indexes.",
  series: [line("coverage")],
  values: (item) => [item.coverage],
  words: (item) => `${formatShare(item.coverage)} covered`,
  format: formatShare,
  nothing: "No output of this time has its provenance yet.",
};

export const LONGEST_SPAN: Measure<Item> = {
  title: "Longest span",
  hint: "Characters of a passage that stands in the indexes as it is.",
  series: [line("longest"), line("mean over traces")],
  values: (item) => [item.longest_span, item.longest_span_mean],
  words: (item) =>
    `Longest span ${plural(item.longest_span ?? 0, "character")}, mean ${formatCount(rounded(item.longest_span_mean))},`,
  format: (value) => formatCount(rounded(value)),
  formatTick: formatCompact,
  axis: () => WHOLE,
  nothing: "No output of this time has its provenance yet.",
};

export const LATENCY: Measure<Item> = {
  title: "Latency",
  hint: "From the start of a trace to its end.",
  series: [line("median"), line("95th percentile")],
  values: (item) => [item.duration_ms_median, item.duration_ms_p95],
  words: (item) =>
    `Latency ${formatDuration(item.duration_ms_median)} in the median, ${formatDuration(item.duration_ms_p95)} at the 95th percentile,`,
  format: formatDuration,
  formatTick: tickOfDuration,
  axis: unitOfDurations,
  nothing: "No trace of this time has ended.",
};

export const FIRST_TOKEN: Measure<Schema["FirstTokenItem"]> = {
  title: "First token",
  hint: "From the start of a generation to its first token, where applications say when that came.",
  series: [line("median"), line("95th percentile")],
  values: (item) => [item.first_token_ms_median, item.first_token_ms_p95],
  words: (item) =>
    `First token after ${formatDuration(item.first_token_ms_median)} in the median, ${formatDuration(item.first_token_ms_p95)} at the 95th percentile,`,
  format: formatDuration,
  formatTick: tickOfDuration,
  axis: unitOfDurations,
  nothing: "No generation of this time says when its first token came.",
};

export const TOKENS: Measure<Item> = {
  title: "Tokens",
  hint: "As the applications counted them.",
  series: [bars("input"), bars("output")],
  values: (item) => [item.input_tokens, item.output_tokens],
  words: (item) =>
    `${formatCount(item.input_tokens)} input and ${formatCount(item.output_tokens)} output tokens`,
  format: formatCount,
  formatTick: formatCompact,
  axis: () => WHOLE,
  nothing: "No trace of this time says how many tokens it used.",
};

export const COST: Measure<Item> = {
  title: "Cost",
  hint: "US dollars, as far as known.",
  series: [bars("cost")],
  values: (item) => [item.cost],
  words: (item) => `${item.cost_is_partial ? "At least " : ""}${formatCost(item.cost)}`,
  format: formatCost,
  formatTick: (value) => `$${Number(value.toPrecision(3))}`,
  nothing: "No trace of this time says what it cost, or names a model with a known price.",
};

export const FAILURES: Measure<Item> = {
  title: "Failed traces",
  series: [bars("failed")],
  // A step without failures has nothing behind it.
  values: (item) => [item.failed || null],
  words: (item) => plural(item.failed, "failed trace"),
  format: formatCount,
  formatTick: formatCompact,
  axis: () => WHOLE,
  filter: { status: "error" },
  nothing: "No trace of this time has failed.",
};

function rounded(value: number | null): number | null {
  return value === null ? null : Math.round(value);
}
