/** One output of a model, read beside where its words stand. */

import { getRouteApi, Link } from "@tanstack/react-router";
import { useCallback } from "react";
import { Annotations } from "../annotating/Annotations";
import type { Schema } from "../api/client";
import { failureOf } from "../api/errors";
import { buttonClass } from "../ui/controls";
import { Page, Panel } from "../ui/layout";
import { Empty, Failed, Loaded, Note, NotFound } from "../ui/states";
import { GenerationFacts } from "./GenerationFacts";
import style from "./GenerationPage.module.css";
import { PartReading } from "./PartReading";
import { PartSwitch } from "./PartSwitch";
import { shownPart } from "./parts";
import { useGeneration, useGenerationSpan } from "./queries";
import type { GenerationSearch } from "./search";

const route = getRouteApi("/generations/$generationId");

export function GenerationPage() {
  const { generationId } = route.useParams();
  const { project } = route.useSearch();
  const query = useGeneration(generationId, project);
  if (query.data === undefined && query.isError && failureOf(query.error).kind === "not_found") {
    return (
      <Page title="Generation">
        <NotFound what="generation" />
      </Page>
    );
  }
  if (query.data === undefined) {
    return (
      <Page title="Generation">
        <Loaded query={query} what="the generation">
          {() => null}
        </Loaded>
      </Page>
    );
  }
  return <Generation generation={query.data} />;
}

function Generation({ generation }: { generation: Schema["GenerationProvenance"] }) {
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const span = useGenerationSpan(generation);
  const { project, name, model, parts } = generation;
  const place = shownPart(parts, search.part);
  const part = parts[place];
  const onSearch = useCallback(
    (change: Partial<GenerationSearch>) =>
      void navigate({
        to: ".",
        search: (before: GenerationSearch) => ({ ...before, ...change }),
        replace: true,
        resetScroll: false,
      }),
    [navigate],
  );
  return (
    <Page
      title={name ?? model ?? "Generation"}
      actions={
        <Link
          to="/compare"
          search={{ project, left: generation.id, left_project: project, left_part: place || undefined }}
          className={buttonClass()}
        >
          Compare
        </Link>
      }
    >
      <GenerationFacts generation={generation} span={span.data} />
      {span.isError && !span.data ? <Failed error={span.error} onAgain={() => void span.refetch()} /> : null}
      {generation.state === null ? (
        <Note>This output is not complete yet: {generation.reason ?? "it is still being written."}</Note>
      ) : null}
      <PartSwitch
        parts={parts}
        messages={span.data?.output_messages}
        shown={place}
        onShow={(next) => onSearch({ part: next || undefined, span: undefined })}
      />
      {part ? (
        <PartReading
          key={`${generation.id} ${part.place}`}
          generation={generation}
          part={part}
          place={place}
          span={span.data}
          search={search}
          onSearch={onSearch}
        />
      ) : (
        <Empty title="There is nothing to trace">
          {generation.reason ?? "The output holds no text."} What was sent stands in its{" "}
          <Link
            to="/traces/$traceId"
            params={{ traceId: generation.trace }}
            search={{ project, step: generation.id }}
          >
            trace
          </Link>
          .
        </Empty>
      )}
      <Panel label="Annotations" className={style.annotations ?? ""}>
        <h2>Scores and notes</h2>
        <Annotations trace={generation.trace} span={generation.id} project={project} />
      </Panel>
    </Page>
  );
}
