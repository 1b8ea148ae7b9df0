/** All traces that pass the filters of the address. */

import { getRouteApi } from "@tanstack/react-router";
import { useCallback } from "react";
import { Button } from "../ui/controls";
import { plural } from "../ui/format";
import { Page } from "../ui/layout";
import { Empty, Failed, Loading } from "../ui/states";
import { Chips } from "./list/Chips";
import { FilterBar } from "./list/FilterBar";
import { CLEARED, chipsOf } from "./list/filters";
import { Arrived, LiveTail } from "./list/LiveTail";
import { NoTraces } from "./list/NoTraces";
import { SavedViews } from "./list/SavedViews";
import { TracesTable } from "./list/TracesTable";
import { useSettled } from "./list/useSettled";
import { type TraceList, useTraceList } from "./list/useTraces";
import type { TracesSearch } from "./search";
import style from "./traces.module.css";

const route = getRouteApi("/traces");

export function TracesPage() {
  const { project, ...search } = route.useSearch();
  const navigate = route.useNavigate();
  const settled = useSettled();
  const list = useTraceList(search, project, settled);
  const change = useCallback(
    (changed: Partial<TracesSearch>) =>
      void navigate({
        to: ".",
        search: (before: TracesSearch) => ({ ...before, ...changed }),
        replace: true,
      }),
    [navigate],
  );
  return (
    <Page
      title="Traces"
      actions={
        <div className={style.actions}>
          <LiveTail
            on={search.live === true}
            state={list.live}
            onToggle={(on) => change({ live: on || undefined })}
          />
          <SavedViews />
        </div>
      }
    >
      <FilterBar search={search} project={project} onChange={change} />
      <Chips search={search} onChange={change} />
      <Arrived count={list.arrived} />
      <Listed list={list} search={search} project={project} onClear={() => change(CLEARED)} />
    </Page>
  );
}

interface ListedProps {
  list: TraceList;
  search: TracesSearch;
  project: string | undefined;
  onClear: () => void;
}

function Listed({ list, search, project, onClear }: ListedProps) {
  const { query, items } = list;
  const { hasNextPage, isFetchingNextPage, isFetchNextPageError, fetchNextPage } = query;
  const onEnd = useCallback(() => {
    if (hasNextPage && !isFetchingNextPage && !isFetchNextPageError) void fetchNextPage();
  }, [hasNextPage, isFetchingNextPage, isFetchNextPageError, fetchNextPage]);

  if (query.isError && (!items.length || query.isPlaceholderData)) {
    return <Failed error={query.error} onAgain={() => void query.refetch()} />;
  }
  if (query.data === undefined) return <Loading what="the traces" />;
  if (!items.length && !query.isPlaceholderData) {
    return chipsOf(search).length ? <NoneMatch onClear={onClear} /> : <NoTraces project={project} />;
  }
  return (
    <div>
      <p className={style.summary}>
        <span role="status">
          {plural(items.length, "trace")}
          {hasNextPage ? " loaded, more below" : ""}
        </span>
      </p>
      {list.held ? (
        <Button look="primary" className={style.held ?? ""} onClick={() => showAll(list)}>
          <span aria-hidden="true">↑</span> {plural(list.held, "new trace")}
        </Button>
      ) : null}
      <TracesTable
        items={items}
        withProject={project === undefined}
        fresh={list.fresh}
        more={hasNextPage}
        onEnd={onEnd}
        stale={query.isPlaceholderData}
      />
      {isFetchingNextPage ? <Loading what="more traces" /> : null}
      {isFetchNextPageError ? (
        <Failed error={query.error} onAgain={() => void query.fetchNextPage()} />
      ) : null}
    </div>
  );
}

function showAll(list: TraceList): void {
  list.show();
  window.scrollTo({ top: 0 });
}

function NoneMatch({ onClear }: { onClear: () => void }) {
  return (
    <Empty title="No trace passes these filters" action={<Button onClick={onClear}>Clear filters</Button>}>
      Remove one of them above, or all.
    </Empty>
  );
}
