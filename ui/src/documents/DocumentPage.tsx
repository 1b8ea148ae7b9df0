/** A document of an index, whole. */

import { getRouteApi, Link } from "@tanstack/react-router";
import { failureOf } from "../api/errors";
import { Duplicates } from "../generation/Duplicates";
import { originOf } from "../generation/metadata";
import { formatCount } from "../ui/format";
import { Fact, Facts, Page, Panel } from "../ui/layout";
import { Empty, Failed, Loading, Note } from "../ui/states";
import style from "./DocumentPage.module.css";
import { DocumentText } from "./DocumentText";
import { MetadataTable } from "./MetadataTable";
import { QuotingGenerations } from "./QuotingGenerations";
import { type DocumentName, usePlaces, useQuotedPassages, useSection } from "./queries";
import type { DocumentSearch } from "./search";

const route = getRouteApi("/documents");

export function DocumentPage() {
  const { index, id } = route.useSearch();
  if (index === undefined || id === undefined) {
    return (
      <Page title="Document">
        <Empty title="No document is named">
          Documents are opened from the sources of a generation, or found by a phrase in the{" "}
          <Link to="/indexes">indexes</Link>.
        </Empty>
      </Page>
    );
  }
  return <WholeDocument key={`${index}\n${id}`} name={{ index, id }} />;
}

function WholeDocument({ name }: { name: DocumentName }) {
  const { highlight, at, generation, part = 0, project } = route.useSearch();
  const navigate = route.useNavigate();
  const first = useSection(name, 0);
  const quoted = useQuotedPassages(name, generation, part, project);
  const places = usePlaces(name, quoted.data?.passages.length || quoted.isLoading ? undefined : highlight);
  if (first.isError && (!first.data || failureOf(first.error).kind === "not_found"))
    return <NoDocument name={name} error={first.error} onAgain={() => void first.refetch()} />;
  if (!first.data) {
    return (
      <Page title={name.id}>
        <Loading what="the document" />
      </Page>
    );
  }
  const { metadata, characters, duplicates, version } = first.data;
  const shown = quoted.data?.passages.length ? quoted.data : places.data;
  const isCut = shown !== undefined && shown.count > shown.passages.length;
  return (
    <Page
      title={originOf(metadata).title ?? name.id}
      actions={
        generation ? (
          <Link
            to="/generations/$generationId"
            params={{ generationId: generation }}
            search={{ project, part: part || undefined }}
          >
            Back to the generation
          </Link>
        ) : null
      }
    >
      <Facts>
        <Fact label="Id">{name.id}</Fact>
        <Fact label="Index">
          <Link to="/indexes/$name" params={{ name: name.index }}>
            {name.index}
          </Link>
        </Fact>
        <Fact label="Characters">{formatCount(characters)}</Fact>
        <Fact label="Duplicates">{formatCount(duplicates)}</Fact>
        <Fact label="Version of the index">{version.slice(0, 12)}</Fact>
      </Facts>
      {quoted.isError ? (
        <Note>The passages of the generation could not be read: {failureOf(quoted.error).detail}</Note>
      ) : null}
      {places.isError ? (
        <Note>The places of the passage could not be read: {failureOf(places.error).detail}</Note>
      ) : null}
      {isCut ? <Note>Only the first {formatCount(shown.passages.length)} places are marked.</Note> : null}
      <div className={style.columns}>
        <DocumentText
          name={name}
          characters={characters}
          places={shown}
          at={at ?? shown?.passages[0]?.start}
          onStep={(to) =>
            void navigate({
              to: ".",
              search: (before: DocumentSearch) => ({ ...before, at: to }),
              replace: true,
            })
          }
        />
        <div className={style.side}>
          <Panel label="Metadata">
            <h2>Metadata</h2>
            <MetadataTable metadata={metadata} />
          </Panel>
          {duplicates ? (
            <Panel label="Duplicates">
              <Duplicates index={name.index} id={name.id} count={duplicates} />
            </Panel>
          ) : null}
          <Panel label="Generations that quote it">
            <h2>Generations that quote it</h2>
            <QuotingGenerations name={name} project={project} from={generation} />
          </Panel>
        </div>
      </div>
    </Page>
  );
}

interface NoDocumentProps {
  name: DocumentName;
  error: unknown;
  onAgain: () => void;
}

function NoDocument({ name, error, onAgain }: NoDocumentProps) {
  return (
    <Page title={name.id}>
      {failureOf(error).kind === "not_found" ? (
        <Empty title="The document is not there">
          The index {name.index} holds no document of this id. It may have been removed since it was quoted.
        </Empty>
      ) : (
        <Failed error={error} onAgain={onAgain} />
      )}
    </Page>
  );
}
