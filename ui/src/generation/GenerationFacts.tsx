/** Which output it is: its model, time, size and price, and where the rest of its trace is. */

import { Link } from "@tanstack/react-router";
import type { Schema } from "../api/client";
import { formatCost, formatCount, formatDuration, formatTime } from "../ui/format";
import { Fact, Facts } from "../ui/layout";

interface GenerationFactsProps {
  generation: Schema["GenerationProvenance"];
  /** Not there while it loads. */
  span: Schema["SpanDetail"] | undefined;
}

export function GenerationFacts({ generation, span }: GenerationFactsProps) {
  const { model, project, trace, id } = generation;
  return (
    <Facts>
      <Fact label="Model">{model ?? "unknown"}</Fact>
      <Fact label="Started">{formatTime(span?.start)}</Fact>
      <Fact label="Took">{formatDuration(span?.duration_ms)}</Fact>
      <Fact label="Tokens in, out">
        {formatCount(span?.input_tokens)}, {formatCount(span?.output_tokens)}
      </Fact>
      <Fact label="Cost">{formatCost(span?.cost)}</Fact>
      <Fact label="Project">
        <Link to="/traces" search={{ project }}>
          {project}
        </Link>
      </Fact>
      <Fact label="Trace">
        <Link to="/traces/$traceId" params={{ traceId: trace }} search={{ project, step: id }}>
          Open in its trace
        </Link>
      </Fact>
    </Facts>
  );
}
