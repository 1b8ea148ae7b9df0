/** One trace: what its steps were, one in the other, and what each of them held. */

import { getRouteApi } from "@tanstack/react-router";
import { useCallback, useMemo } from "react";
import type { Schema } from "../api/client";
import { failureOf } from "../api/errors";
import { useIsNarrow } from "../generation/useIsNarrow";
import { Page } from "../ui/layout";
import { Empty, Failed, Loading, Note, NotFound } from "../ui/states";
import type { TraceSearch } from "./search";
import { Overview } from "./step/Overview";
import type { ChosenPassage } from "./step/Sources";
import { Step } from "./step/Step";
import { StepSheet } from "./step/StepSheet";
import style from "./TracePage.module.css";
import { DeleteTrace } from "./tree/DeleteTrace";
import { useFollowing, useTree } from "./tree/queries";
import { SpanTree } from "./tree/SpanTree";
import type { Span } from "./tree/spans";
import { TraceFacts } from "./tree/TraceFacts";
import { TreeTools } from "./tree/TreeTools";
import { clocksDiffer } from "./tree/timeScale";
import { useTreeState } from "./tree/useTreeState";

const route = getRouteApi("/traces/$traceId");

export function TracePage() {
  const { traceId } = route.useParams();
  const project = route.useSearch({ select: (search) => search.project });
  const query = useTree(traceId, project);
  useFollowing(traceId, project, query.data);
  if (query.isError && (query.data === undefined || failureOf(query.error).kind === "not_found")) {
    return (
      <Page title="Trace">
        {failureOf(query.error).kind === "not_found" ? (
          <NotFound what="trace" />
        ) : (
          <Failed error={query.error} onAgain={() => void query.refetch()} />
        )}
      </Page>
    );
  }
  if (query.data === undefined) {
    return (
      <Page title="Trace">
        <Loading what="the trace" />
      </Page>
    );
  }
  return <Trace key={query.data.trace.id} tree={query.data} failure={query.isError ? query.error : null} />;
}

interface TraceProps {
  tree: Schema["TraceTree"];
  /** Why it could not be read anew. */
  failure: unknown;
}

function Trace({ tree, failure }: TraceProps) {
  const { trace, spans } = tree;
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const isNarrow = useIsNarrow();
  const state = useTreeState(spans, search.step, search);
  const change = useCallback(
    (changed: Partial<TraceSearch>) =>
      void navigate({
        to: ".",
        search: (before: TraceSearch) => ({ ...before, ...changed }),
        replace: true,
        resetScroll: false,
      }),
    [navigate],
  );
  const select = useCallback((span: Span) => change({ step: span.id, ...passageOf(null) }), [change]);
  const close = useCallback(() => change({ step: undefined, ...passageOf(null) }), [change]);
  const { part = 0, span } = search;
  const chosen = useMemo(() => (span === undefined ? null : { part, span }), [part, span]);
  const choose = useCallback((passage: ChosenPassage | null) => change(passageOf(passage)), [change]);
  const differ = useMemo(() => clocksDiffer(spans), [spans]);
  const view = search.view ?? "tree";
  const step = (spanId: string) => (
    <Step
      key={spanId}
      trace={trace}
      spanId={spanId}
      skeleton={spans[state.selected]}
      chosen={chosen}
      onChoose={choose}
      raw={search.raw ?? false}
      onRaw={(raw) => change({ raw: raw || undefined })}
      onClose={close}
    />
  );
  return (
    <Page title={trace.name ?? "Trace without a name"} actions={<DeleteTrace trace={trace} />}>
      <TraceFacts trace={trace} />
      {failure === null ? null : <Note>This may not be the newest: {failureOf(failure).title}.</Note>}
      {differ || (trace.duration_ms ?? 0) < 0 ? (
        <Note>
          The clocks of the machines that sent these spans differ: some times are before others that they
          should follow.
        </Note>
      ) : null}
      <div className={style.columns} data-wide={view === "timeline" && search.step === undefined}>
        <section aria-label="Steps" className={style.steps}>
          <TreeTools
            search={search}
            state={state}
            spans={spans.length}
            errors={trace.errors}
            onChange={change}
          />
          {state.rows.length ? (
            <SpanTree spans={spans} state={state} view={view} onSelect={select} />
          ) : (
            <NoSpans isFiltered={spans.length > 0} />
          )}
        </section>
        {search.step === undefined || isNarrow ? (
          <Overview trace={trace} spans={spans} onSelect={select} />
        ) : (
          step(search.step)
        )}
      </div>
      {search.step !== undefined && isNarrow ? (
        <StepSheet onClose={close}>{step(search.step)}</StepSheet>
      ) : null}
    </Page>
  );
}

function passageOf(passage: ChosenPassage | null): Pick<TraceSearch, "part" | "span"> {
  return { part: passage?.part || undefined, span: passage?.span };
}

function NoSpans({ isFiltered }: { isFiltered: boolean }) {
  return isFiltered ? (
    <Empty title="No span is like that">Look for another name, or clear the field above.</Empty>
  ) : (
    <Empty title="This trace has no spans yet">They appear here as they come.</Empty>
  );
}
