/** A step in figures. What a client did not tell is said to be unknown. */

import type { ReactNode } from "react";
import type { Schema } from "../../api/client";
import { formatCost, formatCount, formatDuration, formatShare, formatTime, plural } from "../../ui/format";
import { Fact, Facts } from "../../ui/layout";
import { isGeneration, PROVENANCE_NAMES } from "../tree/words";

type Detail = Schema["SpanDetail"];

const COST_SOURCES: Record<NonNullable<Detail["cost_source"]>, string> = {
  client: "as the client said",
  prices: "computed here from prices",
};

export function StepFacts({ span }: { span: Detail }) {
  const hasModel = isGeneration(span) || span.kind === "embedding";
  return (
    <Facts>
      <Fact label="Started">
        {span.start ? <time dateTime={span.start}>{formatTime(span.start)}</time> : "unknown"}
      </Fact>
      <Fact label="Took">{known(span.duration_ms, formatDuration)}</Fact>
      {hasModel || span.first_token_ms !== null ? (
        <Fact label="First token after">{known(span.first_token_ms, formatDuration)}</Fact>
      ) : null}
      {hasModel || span.model ? <Fact label="Model">{span.model ?? "unknown"}</Fact> : null}
      {span.provider ? <Fact label="Provider">{span.provider}</Fact> : null}
      {hasModel || span.input_tokens !== null ? (
        <Fact label="Input tokens">{known(span.input_tokens, formatCount)}</Fact>
      ) : null}
      {hasModel || span.output_tokens !== null ? (
        <Fact label="Output tokens">{known(span.output_tokens, formatCount)}</Fact>
      ) : null}
      {optional("Tokens in all", isSum(span) ? null : span.total_tokens)}
      {optional("Read from cache", span.cache_read_tokens)}
      {optional("Written to cache", span.cache_write_tokens)}
      {optional("Reasoning tokens", span.reasoning_tokens)}
      {hasModel || span.cost !== null ? (
        <Fact label="Cost">
          {known(span.cost, formatCost)}
          {span.cost_source ? `, ${COST_SOURCES[span.cost_source]}` : ""}
        </Fact>
      ) : null}
      {isGeneration(span) ? (
        <>
          <Fact label="Coverage">
            {span.coverage === null && span.provenance !== null && span.provenance !== "done"
              ? PROVENANCE_NAMES[span.provenance]
              : known(span.coverage, formatShare)}
          </Fact>
          <Fact label="Longest span">{known(span.longest_span, (value) => plural(value, "character"))}</Fact>
        </>
      ) : null}
      {span.finish_reasons?.length ? <Fact label="Ended by">{span.finish_reasons.join(", ")}</Fact> : null}
      {span.user ? <Fact label="User">{span.user}</Fact> : null}
    </Facts>
  );
}

function known(value: number | null, format: (value: number) => string): ReactNode {
  return value === null ? "unknown" : format(value);
}

function optional(label: string, value: number | null): ReactNode {
  return value === null ? null : <Fact label={label}>{formatCount(value)}</Fact>;
}

function isSum({ input_tokens: input, output_tokens: output, total_tokens: total }: Detail): boolean {
  return input !== null && output !== null && total === input + output;
}
