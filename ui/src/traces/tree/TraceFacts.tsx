/** A trace in figures. */

import { Link } from "@tanstack/react-router";
import type { Schema } from "../../api/client";
import { formatCost, formatCount, formatDuration, formatShare, formatTime, plural } from "../../ui/format";
import { Badge, Fact, Facts } from "../../ui/layout";
import { PROVENANCE_NAMES } from "./words";

const PROTOCOLS: Record<Schema["TraceItem"]["protocol"], string> = {
  otlp: "OpenTelemetry",
  langsmith: "LangSmith",
  langfuse: "Langfuse",
  honeyhive: "HoneyHive",
  opik: "Opik",
  datadog: "Datadog",
  gateway: "the gateway",
  helicone: "Helicone",
  huggingface: "Hugging Face",
  import: "Import",
};

export function TraceFacts({ trace }: { trace: Schema["TraceItem"] }) {
  return (
    <Facts>
      <Fact label="Status">
        {trace.status === "error" ? (
          <Badge tone="bad">failed</Badge>
        ) : trace.status === "ok" ? (
          <Badge tone="good">ok</Badge>
        ) : (
          <Badge>not told</Badge>
        )}
      </Fact>
      <Fact label="Started">
        <time dateTime={trace.start}>{formatTime(trace.start)}</time>
      </Fact>
      <Fact label="Duration">{formatDuration(trace.duration_ms)}</Fact>
      <Fact label="Spans">{formatCount(trace.spans)}</Fact>
      <Fact label="Errors">
        {trace.errors > 0 ? <Badge tone="bad">{formatCount(trace.errors)}</Badge> : formatCount(trace.errors)}
      </Fact>
      <Fact label="Tokens in, out">
        {formatCount(trace.input_tokens)}, {formatCount(trace.output_tokens)}
      </Fact>
      <Fact label="Cost">
        {formatCost(trace.cost)}
        {trace.cost !== null && trace.cost_is_partial ? " (partly unknown)" : null}
      </Fact>
      <Fact label="Coverage">
        {trace.coverage === null && trace.provenance !== null && trace.provenance !== "done" ? (
          <Badge tone={trace.provenance === "failed" ? "bad" : "neutral"}>
            {PROVENANCE_NAMES[trace.provenance]}
          </Badge>
        ) : (
          formatShare(trace.coverage)
        )}
      </Fact>
      <Fact label="Longest span">
        {trace.longest_span === null ? formatCount(null) : plural(trace.longest_span, "character")}
      </Fact>
      {trace.model === null ? null : <Fact label="Model">{trace.model}</Fact>}
      {trace.session === null ? null : (
        <Fact label="Session">
          <Link
            to="/conversations/$sessionId"
            params={{ sessionId: trace.session }}
            search={{ project: trace.project }}
          >
            {trace.session}
          </Link>
        </Fact>
      )}
      {trace.user === null ? null : <Fact label="User">{trace.user}</Fact>}
      <Fact label="Project">
        <Link to="/traces" search={{ project: trace.project }}>
          {trace.project}
        </Link>
      </Fact>
      <Fact label="Came by">{PROTOCOLS[trace.protocol]}</Fact>
    </Facts>
  );
}
