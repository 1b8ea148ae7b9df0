/** A document in which passages of the output stand. */

import { Link } from "@tanstack/react-router";
import { useState } from "react";
import type { Schema } from "../api/client";
import { Snippet } from "../text/Snippet";
import { Button, buttonClass } from "../ui/controls";
import { Badge } from "../ui/layout";
import style from "./DocumentCard.module.css";
import { Duplicates } from "./Duplicates";
import { Metadata } from "./Metadata";
import { type Origin, originOf } from "./metadata";

export interface PartOfGeneration {
  id: string;
  /** Place in the generation's parts. */
  part: number;
}

interface DocumentCardProps {
  document: Schema["DocumentModel"];
  spans: readonly Schema["SpanModel"][];
  /** Place of the selected span, whose snippet comes first. */
  selected: number | undefined;
  generation: PartOfGeneration | undefined;
  /** Whether several indexes were searched, so that a document's own is told. */
  withIndex: boolean;
  onLocate: (span: number) => void;
}

const SHOWN_SNIPPETS = 2;

export function DocumentCard({
  document,
  spans,
  selected,
  generation,
  withIndex,
  onLocate,
}: DocumentCardProps) {
  const [isOpen, setOpen] = useState(false);
  const origin = originOf(document.metadata);
  const snippets = snippetsOf(document, selected);
  const shown = isOpen ? snippets : snippets.slice(0, selected === undefined ? SHOWN_SNIPPETS : 1);
  const first = shown[0];
  const title = origin.title ?? document.id;
  return (
    <article aria-label={title} className={`${style.card} ${style[document.relevance]}`}>
      <header className={style.head}>
        <h4 className={`foreign ${style.title}`}>{title}</h4>
        <OriginLine origin={origin} document={document} withIndex={withIndex} />
      </header>
      <ul className={style.snippets}>
        {shown.map((snippet) => (
          <li key={snippet.span} className={style.snippet}>
            <Passage snippet={snippet} span={spans[snippet.span]} />
            <Button look="plain" className={`${style.locate}`} onClick={() => onLocate(snippet.span)}>
              Locate in output
            </Button>
          </li>
        ))}
      </ul>
      {snippets.length > shown.length ? (
        <Button look="plain" className={`${style.locate} ${style.others}`} onClick={() => setOpen(true)}>
          {more(snippets.length - shown.length)}
        </Button>
      ) : null}
      <footer className={style.foot}>
        {first ? (
          <Link
            to="/documents"
            search={documentSearch(document, first, generation)}
            className={buttonClass()}
            aria-label={`Open document ${title}`}
          >
            Open document
          </Link>
        ) : null}
        <Metadata origin={origin} document={document} />
        {document.duplicates > 0 ? (
          <Duplicates index={document.index} id={document.id} count={document.duplicates} />
        ) : null}
      </footer>
    </article>
  );
}

function OriginLine({
  origin,
  document,
  withIndex,
}: {
  origin: Origin;
  document: Schema["DocumentModel"];
  withIndex: boolean;
}) {
  return (
    <div className={style.origin}>
      {origin.date ? <span className="foreign">{origin.date}</span> : null}
      {origin.source ? <span className="foreign">{origin.source}</span> : null}
      {origin.link ? (
        <a className="foreign" href={origin.link.address} target="_blank" rel="noopener noreferrer">
          {origin.link.host}
          <span aria-hidden="true"> ↗</span>
          <span className="unseen"> (another site)</span>
        </a>
      ) : null}
      {withIndex ? (
        <Badge>
          <span className="foreign">{document.index}</span>
        </Badge>
      ) : null}
    </div>
  );
}

/** Where snippets were not kept, the passage itself says what stands there. */
function Passage({
  snippet,
  span,
}: {
  snippet: Schema["SnippetModel"];
  span: Schema["SpanModel"] | undefined;
}) {
  if (snippet.text)
    return <Snippet text={snippet.text} highlight={[...snippet.highlight] as [number, number]} />;
  const text = span?.text ?? "";
  return <Snippet text={text} highlight={[0, [...text].length]} />;
}

function snippetsOf(
  document: Schema["DocumentModel"],
  selected: number | undefined,
): Schema["SnippetModel"][] {
  if (selected === undefined) return document.snippets;
  const [first, others] = [true, false].map((wanted) =>
    document.snippets.filter((snippet) => (snippet.span === selected) === wanted),
  );
  return [...(first ?? []), ...(others ?? [])];
}

function more(count: number): string {
  return count === 1 ? "Show 1 other passage" : `Show ${count} other passages`;
}

/** An address has room for a few hundred characters only. */
const LONGEST_HIGHLIGHT = 500;

function documentSearch(
  document: Schema["DocumentModel"],
  snippet: Schema["SnippetModel"],
  generation: PartOfGeneration | undefined,
) {
  const [start = 0, end = 0] = snippet.highlight;
  const match = [...snippet.text].slice(start, Math.min(end, start + LONGEST_HIGHLIGHT)).join("");
  return {
    index: document.index,
    id: document.id,
    at: snippet.text ? snippet.start + start : snippet.start,
    highlight: match || undefined,
    generation: generation?.id,
    part: generation?.part,
  };
}
