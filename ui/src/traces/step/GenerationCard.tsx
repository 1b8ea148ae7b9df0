/** A generation of a trace, and in short where its words stand. */

import { Link } from "@tanstack/react-router";
import { useGeneration } from "../../generation/queries";
import { Fold } from "../../messages/Fold";
import { Button, buttonClass } from "../../ui/controls";
import { formatCount, plural } from "../../ui/format";
import { Badge } from "../../ui/layout";
import { Loaded } from "../../ui/states";
import type { Span } from "../tree/spans";
import { coverageOf, nameOf } from "../tree/words";
import { InShort } from "./InShort";
import style from "./Step.module.css";

interface GenerationCardProps {
  span: Span;
  project: string;
  isOpenFirst: boolean;
  onSelect: (span: Span) => void;
}

export function GenerationCard({ span, project, isOpenFirst, onSelect }: GenerationCardProps) {
  return (
    <article aria-label={nameOf(span)} className={style.generation}>
      <div className={style.eventHead}>
        <span className={style.title}>
          <Button look="plain" className={`${style.open} foreign`} onClick={() => onSelect(span)}>
            {nameOf(span)}
          </Button>
          {span.model ? <span className={`${style.soft} foreign`}>{span.model}</span> : null}
          {span.status === "error" ? <Badge tone="bad">error</Badge> : null}
        </span>
        <Link
          to="/generations/$generationId"
          params={{ generationId: span.id }}
          search={{ project }}
          className={buttonClass()}
        >
          Read with sources
        </Link>
      </div>
      <p className={style.figures}>
        {span.coverage === null ? "Coverage: " : ""}
        <strong>{coverageOf(span)}</strong>
        {span.coverage === null
          ? null
          : ` of ${span.characters === null ? "its characters" : plural(span.characters, "character")} stand in the indexes; longest passage ${span.longest_span === null ? "unknown" : plural(span.longest_span, "character")}`}
        {span.output_tokens === null ? null : ` · ${formatCount(span.output_tokens)} tokens`}
      </p>
      {span.coverage === null && span.provenance !== "pending" ? null : (
        <Fold label="Passages and documents" isOpenFirst={isOpenFirst}>
          <Found id={span.id} project={project} />
        </Fold>
      )}
    </article>
  );
}

function Found({ id, project }: { id: string; project: string }) {
  const query = useGeneration(id, project);
  return (
    <Loaded query={query} what="the sources">
      {(generation) => <InShort generation={generation} project={project} />}
    </Loaded>
  );
}
