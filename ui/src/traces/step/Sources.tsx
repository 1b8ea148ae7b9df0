/** Where the words of a generation stand, in short: the documents that matter most, and the way to all of them. */

import type { UseQueryResult } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import type { Schema } from "../../api/client";
import { DocumentCard } from "../../generation/DocumentCard";
import { PartState } from "../../generation/PartState";
import { nameOfPart } from "../../generation/parts";
import { Button } from "../../ui/controls";
import { formatCount, formatShare, plural } from "../../ui/format";
import { Failed, Loading, Note } from "../../ui/states";
import { Section } from "./Section";
import style from "./Step.module.css";

/** A passage of one of a generation's parts. */
export interface ChosenPassage {
  part: number;
  span: number;
}

interface SourcesProps {
  query: UseQueryResult<Schema["GenerationProvenance"]>;
  project: string;
  /** The output's. */
  messages: readonly Schema["MessageOfSpan"][] | null;
  chosen: ChosenPassage | null;
  onChoose: (passage: ChosenPassage | null) => void;
}

const SHOWN = 3;

export function Sources({ query, chosen, onChoose, ...rest }: SourcesProps) {
  return (
    <Section
      title="Sources"
      tools={chosen ? <Button onClick={() => onChoose(null)}>Clear the selected passage</Button> : null}
    >
      {query.data === undefined ? (
        query.isError ? (
          <Failed error={query.error} onAgain={() => void query.refetch()} />
        ) : (
          <Loading what="the sources" />
        )
      ) : (
        <Known generation={query.data} chosen={chosen} onChoose={onChoose} {...rest} />
      )}
    </Section>
  );
}

interface KnownProps extends Omit<SourcesProps, "query"> {
  generation: Schema["GenerationProvenance"];
}

function Known({ generation, project, messages, chosen, onChoose }: KnownProps) {
  if (generation.state === null) {
    return <Note>This output is not complete yet: {generation.reason ?? "it is still being written."}</Note>;
  }
  if (!generation.parts.length) {
    return <p className={style.none}>Nothing to trace. {generation.reason}</p>;
  }
  return (
    <>
      {generation.parts.map((part, place) =>
        chosen && chosen.part !== place ? null : (
          <OfPart
            key={part.place}
            generation={generation}
            part={part}
            place={place}
            project={project}
            name={generation.parts.length > 1 ? nameOfPart(part, messages) : null}
            selected={chosen?.span}
            onLocate={(span) => onChoose({ part: place, span })}
          />
        ),
      )}
    </>
  );
}

interface OfPartProps {
  generation: Schema["GenerationProvenance"];
  part: Schema["PartModel"];
  place: number;
  project: string;
  /** What to call the part where there are several. */
  name: string | null;
  selected: number | undefined;
  onLocate: (span: number) => void;
}

function OfPart({ generation, part, place, project, name, selected, onLocate }: OfPartProps) {
  const { provenance } = part;
  const all = provenance?.documents ?? [];
  const span = selected === undefined ? undefined : provenance?.spans[selected];
  const documents = span ? span.documents.flatMap((at) => all[at] ?? []) : all;
  return (
    <div className={style.sources}>
      <PartState generation={generation} part={part} />
      {provenance ? (
        <>
          <p className={style.figures}>
            {name ? <strong className="foreign">{name}: </strong> : null}
            {formatShare(provenance.coverage)} of {plural(part.characters, "character")} stand in the indexes,
            in {plural(provenance.spans.length, "passage")}; {plural(documents.length, "document")}
            {span ? " with the selected one." : "."}
          </p>
          {documents.slice(0, SHOWN).map((document) => (
            <DocumentCard
              key={`${document.index} ${document.id}`}
              document={document}
              spans={provenance.spans}
              selected={selected}
              generation={{ id: generation.id, part: place }}
              withIndex={provenance.indexes.length > 1}
              onLocate={onLocate}
            />
          ))}
          {documents.length > SHOWN ? (
            <p>
              <Link
                to="/generations/$generationId"
                params={{ generationId: generation.id }}
                search={{ project, part: place || undefined, span: selected }}
              >
                All {formatCount(documents.length)} documents
              </Link>
            </p>
          ) : null}
        </>
      ) : null}
    </div>
  );
}
