/** Where the words of a generation stand, in a few lines. */

import { Link } from "@tanstack/react-router";
import type { Schema } from "../../api/client";
import { originOf } from "../../generation/metadata";
import { PartState } from "../../generation/PartState";
import { countWords } from "../../generation/rarity";
import { formatCount, shorten } from "../../ui/format";
import { Badge, type Tone } from "../../ui/layout";
import style from "./Step.module.css";

interface InShortProps {
  generation: Schema["GenerationProvenance"];
  project: string;
}

const SHOWN = 3;
const LONGEST = 180;
const TONES: Record<Schema["Relevance"], Tone> = { high: "good", medium: "warn", low: "neutral" };

export function InShort({ generation, project }: InShortProps) {
  const unfinished = generation.parts.filter((part) => part.state !== "done" && part.state !== "nothing");
  return (
    <div className={style.sources}>
      {generation.state === "nothing" || generation.state === null ? (
        <p className={style.none}>{generation.reason}</p>
      ) : null}
      {unfinished.map((part) => (
        <PartState key={part.place} generation={generation} part={part} />
      ))}
      <Passages generation={generation} project={project} />
      <Documents generation={generation} project={project} />
    </div>
  );
}

/** The longest passages, each a way to read it in the output. */
function Passages({ generation, project }: InShortProps) {
  const passages = generation.parts
    .flatMap((part, at) => (part.provenance?.spans ?? []).map((span, place) => ({ part: at, place, span })))
    .sort((a, b) => b.span.end - b.span.start - (a.span.end - a.span.start));
  if (!passages.length) return null;
  return (
    <ul className={style.passages} aria-label="Longest passages">
      {passages.slice(0, SHOWN).map(({ part, place, span }) => (
        <li key={`${part} ${place}`}>
          <Link
            to="/generations/$generationId"
            params={{ generationId: generation.id }}
            search={{ project, part: part || undefined, span: place }}
            className={`foreign ${style.passage}`}
            data-strength={span.relevance}
          >
            {shorten(span.text, LONGEST)}
          </Link>{" "}
          <span className={style.soft}>{countWords(span)}</span>
        </li>
      ))}
    </ul>
  );
}

/** The documents that have most in common with the output. */
function Documents({ generation, project }: InShortProps) {
  const documents = generation.parts
    .flatMap((part, at) => (part.provenance?.documents ?? []).map((document) => ({ part: at, document })))
    .sort((a, b) => b.document.score - a.document.score);
  if (!documents.length) return null;
  return (
    <ul className={style.passages} aria-label="Top documents">
      {documents.slice(0, SHOWN).map(({ part, document }) => {
        const origin = originOf(document.metadata);
        return (
          <li key={`${part} ${document.index} ${document.id}`} className={style.title}>
            <Link
              to="/documents"
              search={{
                project,
                index: document.index,
                id: document.id,
                generation: generation.id,
                part,
              }}
              className={`foreign ${style.document}`}
            >
              {shorten(origin.title ?? document.id, LONGEST)}
            </Link>
            {origin.date ? <span className={`foreign ${style.soft}`}>{origin.date}</span> : null}
            <Badge tone={TONES[document.relevance]}>{document.relevance} relevance</Badge>
          </li>
        );
      })}
      {documents.length > SHOWN ? (
        <li className={style.soft}>and {formatCount(documents.length - SHOWN)} more</li>
      ) : null}
    </ul>
  );
}
