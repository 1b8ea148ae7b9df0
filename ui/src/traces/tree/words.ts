/** What is told of a span. */

import type { Schema } from "../../api/client";
import { formatCompact, formatCost, formatDuration, formatShare } from "../../ui/format";
import type { Span } from "./spans";

export const KIND_NAMES: Record<Schema["Kind"], string> = {
  llm: "Generation",
  embedding: "Embedding",
  retriever: "Retriever",
  reranker: "Reranker",
  tool: "Tool",
  agent: "Agent",
  chain: "Chain",
  guardrail: "Guardrail",
  evaluator: "Evaluator",
  prompt: "Prompt",
  other: "Span",
};

export const PROVENANCE_NAMES: Record<NonNullable<Span["provenance"]>, string> = {
  pending: "being traced",
  done: "traced",
  failed: "tracing failed",
  nothing: "no text to trace",
};

export function nameOf(span: Pick<Span, "name">): string {
  return span.name || "Without a name";
}

export function isGeneration(span: Pick<Span, "kind">): boolean {
  return span.kind === "llm";
}

/** Tokens in and out; empty where a span is of a kind that has none. */
export function tokensOf(span: Span): string {
  const { input_tokens: input, output_tokens: output, total_tokens: total } = span;
  if (input === null && output === null && total === null) return hasTokens(span) ? "unknown" : "";
  if (input === null && output === null) return formatCompact(total);
  return `${formatCompact(input)} → ${formatCompact(output)}`;
}

export function costOf(span: Span): string {
  if (span.cost !== null) return formatCost(span.cost);
  return hasTokens(span) ? "unknown" : "";
}

function hasTokens(span: Span): boolean {
  return span.kind === "llm" || span.kind === "embedding";
}

/** Coverage, or what it waits for. */
export function coverageOf(span: Span): string {
  if (span.coverage !== null) return formatShare(span.coverage);
  if (span.provenance === null) return isGeneration(span) ? "unknown" : "";
  return span.provenance === "done" ? "unknown" : PROVENANCE_NAMES[span.provenance];
}

/** "Running": clients that send spans as they begin have not sent an end. */
export function durationOf(span: Pick<Span, "duration_ms">): string {
  return span.duration_ms === null ? "no end yet" : formatDuration(span.duration_ms);
}

/** A row of the tree, read out. */
export function describe(span: Span): string {
  const said = [nameOf(span), KIND_NAMES[span.kind]];
  if (span.status === "error") said.push("failed");
  if (span.orphan) said.push("its parent is missing");
  if (span.model) said.push(span.model);
  said.push(span.duration_ms === null ? "no end yet" : `took ${formatDuration(span.duration_ms)}`);
  if (span.first_token_ms !== null) said.push(`first token after ${formatDuration(span.first_token_ms)}`);
  const tokens = tokensOf(span);
  if (tokens) said.push(tokens === "unknown" ? "tokens unknown" : `tokens ${tokens}`);
  const cost = costOf(span);
  if (cost) said.push(cost === "unknown" ? "cost unknown" : `cost ${cost}`);
  const coverage = coverageOf(span);
  if (coverage)
    said.push(span.coverage === null && coverage !== "unknown" ? coverage : `coverage ${coverage}`);
  return said.join(", ");
}
