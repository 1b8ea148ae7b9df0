/** Which output it is: its model, time, size and price, and where the rest of its trace is. */

import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import type { Schema } from "../api/client";
import { formatCost, formatCount, formatDuration, formatTime } from "../ui/format";
import style from "./GenerationFacts.module.css";

interface GenerationFactsProps {
  generation: Schema["GenerationProvenance"];
  /** Not there while it loads. */
  span: Schema["SpanDetail"] | undefined;
}

export function GenerationFacts({ generation, span }: GenerationFactsProps) {
  const { model, project, trace, id } = generation;
  return (
    <dl className={style.facts}>
      <Fact label="Model">{model ?? "unknown"}</Fact>
      <Fact label="Started">{formatTime(span?.start)}</Fact>
      <Fact label="Took">{formatDuration(span?.duration_ms)}</Fact>
      <Fact label="Tokens">
        {formatCount(span?.input_tokens)} in, {formatCount(span?.output_tokens)} out
      </Fact>
      <Fact label="Cost">{formatCost(span?.cost)}</Fact>
      <Fact label="Project">
        <Link to="/traces" search={{ project }}>
          {project}
        </Link>
      </Fact>
      <Fact label="Trace">
        <Link to="/traces/$traceId" params={{ traceId: trace }} search={{ project, step: id }}>
          open
          <span className="unseen"> the trace of this output</span>
        </Link>
      </Fact>
    </dl>
  );
}

function Fact({ label, children }: { label: string; children: ReactNode }) {
  return (
    <div className={style.fact}>
      <dt>{label}</dt>
      <dd className="foreign">{children}</dd>
    </div>
  );
}
