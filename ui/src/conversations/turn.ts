/** What a trace adds to its conversation. */

import type { Schema } from "../api/client";

type Message = Schema["MessageOfSpan"];
type Span = Schema["SkeletonSpan"];

/** The spans that hold what was asked and what was answered: their ids. */
export interface Ends {
  asked: string;
  answered: string;
}

/** The first and the last generation; where there is none, the first span. */
export function endsOf(spans: readonly Span[]): Ends | null {
  const generations = spans.filter((span) => span.kind === "llm");
  const first = earliest(generations) ?? spans[0];
  if (!first) return null;
  return { asked: first.id, answered: (latest(generations) ?? first).id };
}

/** Messages of a prompt that came since the model last answered: what was before stands in the turns before. */
export function newMessages(prompt: readonly Message[]): Message[] {
  const last = prompt.findLastIndex((message) => message.role === "assistant" || message.role === "model");
  return prompt.slice(last + 1).filter((message) => last < 0 || message.role !== "system");
}

function startOf(span: Span): number {
  return span.offset_ms ?? Number.POSITIVE_INFINITY;
}

function earliest(spans: readonly Span[]): Span | undefined {
  return spans.reduce<Span | undefined>(
    (best, span) => (best === undefined || startOf(span) < startOf(best) ? span : best),
    undefined,
  );
}

function latest(spans: readonly Span[]): Span | undefined {
  const endOf = (span: Span) => (span.offset_ms ?? Number.NEGATIVE_INFINITY) + (span.duration_ms ?? 0);
  return spans.reduce<Span | undefined>(
    (best, span) => (best === undefined || endOf(span) >= endOf(best) ? span : best),
    undefined,
  );
}
