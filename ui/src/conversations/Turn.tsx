import { Link } from "@tanstack/react-router";
import type { Schema } from "../api/client";
import { JsonView } from "../messages/JsonView";
import { Messages } from "../messages/Messages";
import type { Json } from "../messages/structured";
import { formatCost, formatCount, formatDuration, formatTime, plural } from "../ui/format";
import { Badge } from "../ui/layout";
import { Share } from "../ui/Share";
import { Failed, Loading, Note } from "../ui/states";
import style from "./conversations.module.css";
import { useSpan, useTree } from "./queries";
import { endsOf, newMessages } from "./turn";

interface TurnProps {
  trace: Schema["TraceItem"];
  number: number;
  /** Messages as they were sent. */
  raw: boolean;
}

/** What one trace adds to its conversation, and how much of the answer stands in the indexes. */
export function Turn({ trace, number, raw }: TurnProps) {
  const name = trace.name || "Without a name";
  const link = { params: { traceId: trace.id }, search: { project: trace.project } };
  return (
    <article className={style.turn} aria-label={`Turn ${number}`}>
      <header className={style.turnHead}>
        <h2>
          <span className={style.number}>{number}</span>
          <Link to="/traces/$traceId" {...link} className="foreign">
            {name}
          </Link>
        </h2>
        <span className={style.measures}>
          {trace.status === "error" ? <Badge tone="bad">Error</Badge> : null}
          {trace.provenance === "pending" ? <Badge tone="warn">Provenance pending</Badge> : null}
          {trace.provenance === "failed" ? <Badge tone="bad">Provenance failed</Badge> : null}
          <span className={style.measure}>
            Coverage <Share of={trace.coverage} />
          </span>
          {trace.longest_span ? <span>Longest span {plural(trace.longest_span, "character")}</span> : null}
          <span>{formatTime(trace.start)}</span>
          <span>{formatDuration(trace.duration_ms)}</span>
          {trace.output_tokens === null ? null : <span>{formatCount(trace.output_tokens)} tokens out</span>}
          {trace.cost === null ? null : <span>{formatCost(trace.cost)}</span>}
        </span>
      </header>
      <TurnMessages trace={trace} raw={raw} />
    </article>
  );
}

function TurnMessages({ trace, raw }: Omit<TurnProps, "number">) {
  const tree = useTree(trace.id, trace.project, trace.updated);
  const ends = tree.data ? endsOf(tree.data.spans) : null;
  const asked = useSpan(ends?.asked, trace.id, trace.project, trace.updated);
  const answered = useSpan(ends?.answered, trace.id, trace.project, trace.updated);
  const failed = [tree, asked, answered].find((query) => query.isError && query.data === undefined);
  if (failed) return <Failed error={failed.error} onAgain={() => void failed.refetch()} />;
  if (tree.data && !ends) return <Note>This trace has no steps.</Note>;
  if (!asked.data || !answered.data) return <Loading what="the messages" />;
  const generation = answered.data.kind === "llm" ? answered.data : null;
  return (
    <>
      <Side span={asked.data} side="input" raw={raw} />
      <Side span={answered.data} side="output" raw={raw} />
      <p className={style.links}>
        {generation ? (
          <Link
            to="/generations/$generationId"
            params={{ generationId: generation.id }}
            search={{ project: trace.project }}
          >
            Where these words come from
          </Link>
        ) : null}
        {trace.spans > 1 ? (
          <Link to="/traces/$traceId" params={{ traceId: trace.id }} search={{ project: trace.project }}>
            All {plural(trace.spans, "step")}
          </Link>
        ) : null}
      </p>
    </>
  );
}

interface SideProps {
  span: NonNullable<ReturnType<typeof useSpan>["data"]>;
  side: "input" | "output";
  raw: boolean;
}

/** What went in or came out: as messages where they are known, else as it was sent. */
function Side({ span, side, raw }: SideProps) {
  const label = side === "input" ? "Asked" : "Answered";
  const messages = side === "input" ? span.input_messages : span.output_messages;
  if (messages?.length) {
    const shown = side === "input" ? newMessages(messages) : messages;
    return <Messages messages={shown} raw={raw} label={label} choices={side === "output"} />;
  }
  const value = span[side] as Json;
  if (value !== null && value !== undefined) return <JsonView value={value} label={label} escaped={raw} />;
  if (side === "input") return null;
  return span.status === "error" ? (
    <Note>There is no answer: {span.status_message || "the step failed"}</Note>
  ) : (
    <Note>There is no answer yet.</Note>
  );
}
