/** One span of a trace, with everything that it holds. */

import { Link } from "@tanstack/react-router";
import { useEffect, useRef } from "react";
import { Annotations } from "../../annotating/Annotations";
import type { Schema } from "../../api/client";
import { failureOf } from "../../api/errors";
import { Button, buttonClass, Switcher } from "../../ui/controls";
import { Badge } from "../../ui/layout";
import { Empty, Failed, Loading, Note } from "../../ui/states";
import { KindIcon } from "../tree/KindIcon";
import { useSpan } from "../tree/queries";
import type { Span } from "../tree/spans";
import { isGeneration, KIND_NAMES, nameOf } from "../tree/words";
import { Attachments } from "./Attachments";
import { AttributesTable } from "./AttributesTable";
import { Events } from "./Events";
import { GenerationStep } from "./GenerationStep";
import { Exchange } from "./InputOutput";
import { Links } from "./Links";
import { Section } from "./Section";
import type { ChosenPassage } from "./Sources";
import style from "./Step.module.css";
import { StepFacts } from "./StepFacts";

interface StepProps {
  trace: Schema["TraceItem"];
  spanId: string;
  /** What the tree knows of it, until the rest is there. */
  skeleton: Span | undefined;
  /** The passage of its output that is selected. */
  chosen: ChosenPassage | null;
  onChoose: (passage: ChosenPassage | null) => void;
  raw: boolean;
  onRaw: (raw: boolean) => void;
  onClose: () => void;
}

export function Step({ trace, spanId, skeleton, chosen, onChoose, raw, onRaw, onClose }: StepProps) {
  const query = useSpan(trace, spanId);
  const box = useRef<HTMLElement>(null);
  // Where the reader stood far down in the step before, this one begins at its head.
  useEffect(() => {
    if ((box.current?.getBoundingClientRect().top ?? 0) < 0) box.current?.scrollIntoView();
  }, []);
  const known = query.data ?? skeleton;
  return (
    <section ref={box} aria-label="Step" className={style.step}>
      <header className={style.head}>
        <div className={style.title}>
          {known ? <KindIcon kind={known.kind} /> : null}
          <h2 className="foreign">{known ? nameOf(known) : "Step"}</h2>
          {known ? <Badge>{KIND_NAMES[known.kind]}</Badge> : null}
          {known?.status === "error" ? <Badge tone="bad">error</Badge> : null}
          {skeleton?.orphan ? <Badge tone="warn">parent missing</Badge> : null}
        </div>
        <Button onClick={onClose} aria-label="Close the step">
          Close
        </Button>
        <div className={style.actions}>
          {known && isGeneration(known) ? (
            <Link
              to="/generations/$generationId"
              params={{ generationId: spanId }}
              search={{ project: trace.project }}
              className={buttonClass("primary")}
            >
              Read with sources
            </Link>
          ) : null}
          <Switcher
            label="Messages"
            value={raw ? "raw" : "chat"}
            choices={[
              { value: "chat", label: "Chat" },
              { value: "raw", label: "As sent" },
            ]}
            onChoose={(value) => onRaw(value === "raw")}
          />
        </div>
      </header>
      {query.data === undefined ? (
        query.isError ? (
          failureOf(query.error).kind === "not_found" ? (
            <Empty title="There is no such step in this trace">
              It may not have come yet, or it was deleted.
            </Empty>
          ) : (
            <Failed error={query.error} onAgain={() => void query.refetch()} />
          )
        ) : (
          <Loading what="the step" />
        )
      ) : (
        <Held span={query.data} skeleton={skeleton} chosen={chosen} onChoose={onChoose} raw={raw} />
      )}
    </section>
  );
}

interface HeldProps extends Pick<StepProps, "skeleton" | "chosen" | "onChoose" | "raw"> {
  span: Schema["SpanDetail"];
}

function Held({ span, skeleton, chosen, onChoose, raw }: HeldProps) {
  return (
    <>
      {span.status_message ? (
        <div className={style.message} data-failed={span.status === "error"}>
          <strong>{span.status === "error" ? "It failed:" : "Status:"}</strong>{" "}
          <span className="foreign">{span.status_message}</span>
        </div>
      ) : null}
      {span.duration_ms === null ? <Note>No end of this step has come yet.</Note> : null}
      {skeleton?.orphan && span.parent ? (
        <Note>
          It names a parent, <code className="foreign">{span.parent}</code>, that is not in this trace.
        </Note>
      ) : null}
      <StepFacts span={span} />
      {isGeneration(span) ? (
        <GenerationStep span={span} chosen={chosen} onChoose={onChoose} raw={raw} />
      ) : (
        <Exchange span={span} raw={raw} />
      )}
      {span.events?.length ? <Events events={span.events} start={span.start} /> : null}
      {span.links?.length ? <Links links={span.links} project={span.project} /> : null}
      {span.attachments.length ? <Attachments span={span} /> : null}
      <div className={style.section}>
        <h3>Scores and notes</h3>
        <Annotations trace={span.trace} span={span.id} project={span.project} />
      </div>
      <AttributesTable title="Metadata" values={span.metadata} />
      <AttributesTable title="Attributes" values={span.attributes} />
      {span.tags?.length ? (
        <Section title="Tags">
          <p className={style.tags}>
            {span.tags.map((tag, place) => (
              <Badge key={place}>{tag}</Badge>
            ))}
          </p>
        </Section>
      ) : null}
      <Section title="Names">
        <ul className={style.names}>
          {[span.id, ...span.aliases.filter((name) => name !== span.id)].map((name) => (
            <li key={name}>
              <code className="foreign">{name}</code>
            </li>
          ))}
        </ul>
      </Section>
    </>
  );
}
