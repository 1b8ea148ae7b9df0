/** The traces that pass the filters, by pages; where live, with those that come. */

import { type InfiniteData, keepPreviousData, useInfiniteQuery, useQueryClient } from "@tanstack/react-query";
import { useCallback, useEffect, useMemo, useRef, useState } from "react";
import { answer, client, type Schema } from "../../api/client";
import { type LiveEvent, type LiveState, useLive } from "../../api/live";
import type { TracesSearch } from "../search";
import { queryOf } from "./filters";
import { matches } from "./matching";
import { type Item, inserted, isBeyond, keyOf, listed, type Pages, replaced, without } from "./pages";

const PAGE = 100;
/** Between two times that the list is read again because of what was heard. */
const REREAD_MS = 2_000;
const FRESH_MS = 3_000;

interface Arrivals {
  /** Heard of, and not shown yet: the reader has scrolled down. */
  held: readonly Item[];
  /** There may be more than these, or some that are gone. */
  stale: boolean;
}

const NONE: Arrivals = { held: [], stale: false };

export interface TraceList {
  query: ReturnType<typeof useTracePages>["query"];
  items: Item[];
  live: LiveState;
  /** New traces that are not shown yet. */
  held: number;
  /** Shows them. */
  show: () => void;
  /** Those that came a moment ago. */
  fresh: ReadonlySet<string>;
  /** How many came since the page was opened. */
  arrived: number;
}

export function useTracePages(search: TracesSearch, project: string | undefined) {
  const { live: _, ...wanted } = search;
  const queryKey = ["traces", "list", project ?? null, wanted] as const;
  const read = (cursor: string | null) =>
    answer(
      client.GET("/v1/traces", {
        params: { query: { ...queryOf(search, project, Date.now()), limit: PAGE, cursor } },
      }),
    );
  const query = useInfiniteQuery<
    Schema["TracePage"],
    Error,
    InfiniteData<Schema["TracePage"], string | null>,
    typeof queryKey,
    string | null
  >({
    queryKey,
    queryFn: ({ pageParam }) => read(pageParam),
    initialPageParam: null,
    getNextPageParam: (page) => page.next,
    placeholderData: keepPreviousData,
  });
  return { query, queryKey, read };
}

/** `settled`: whether the list may move, as nobody reads further down. */
export function useTraceList(search: TracesSearch, project: string | undefined, settled: boolean): TraceList {
  const { query, queryKey, read } = useTracePages(search, project);
  const queries = useQueryClient();
  const [arrivals, setArrivals] = useState<Arrivals>(NONE);
  const [fresh, setFresh] = useState<ReadonlySet<string>>(new Set());
  const [arrived, setArrived] = useState(0);
  const met = useRef(new Set<string>());
  const items = useMemo(() => listed(query.data), [query.data]);
  const order = search.order ?? "newest";
  const wanted = JSON.stringify(queryKey);

  const newest = useRef(wanted);
  useEffect(() => {
    newest.current = wanted;
  }, [wanted]);

  const [before, setBefore] = useState(wanted);
  if (before !== wanted) {
    setBefore(wanted);
    setArrivals(NONE);
  }

  const change = (how: (pages: Pages) => Pages) => {
    queries.setQueryData<Pages>(queryKey, (pages) => pages && how(pages));
  };

  const put = (some: readonly Item[]) => {
    change((pages) => inserted(pages, some, order));
    setFresh((all) => new Set([...all, ...some.map(keyOf)]));
  };

  const take = (item: Item) => {
    const pages = queries.getQueryData<Pages>(queryKey);
    if (!pages || isBeyond(pages, item, order)) return;
    met.current.add(keyOf(item));
    setArrived(met.current.size);
    // At the end of a list, nothing above it moves.
    if (settled || order === "oldest") put([item]);
    else {
      setArrivals(({ held, stale }) => ({
        held: [item, ...held.filter((each) => keyOf(each) !== keyOf(item))],
        stale,
      }));
    }
  };

  const reread = async () => {
    if (settled) {
      setArrivals(NONE);
      // The first page is what is seen; the others are read again when they are.
      change(({ pages, pageParams }) => ({ pages: pages.slice(0, 1), pageParams: pageParams.slice(0, 1) }));
      await queries.invalidateQueries({ queryKey });
      return;
    }
    setArrivals(({ held }) => ({ held, stale: true }));
    const first = await read(null).catch(() => null);
    // An answer to other filters than those of now says nothing of this list.
    if (newest.current !== wanted) return;
    for (const item of first?.items ?? []) hear(item, true);
  };
  const rereadSoon = useThrottled(() => void reread(), REREAD_MS);

  const hear = (item: Item, passes: boolean) => {
    const pages = queries.getQueryData<Pages>(queryKey);
    if (!pages) return;
    const verdict = passes ? "yes" : matches(item, search, project, Date.now());
    const known = listed(pages).some((each) => keyOf(each) === keyOf(item));
    if (known)
      change((all) => (verdict === "no" && settled ? without(all, keyOf(item)) : replaced(all, item)));
    else if (verdict === "yes") take(item);
    else if (verdict === "unknown") rereadSoon();
  };

  const onEvent = (event: LiveEvent) => {
    if (event.name === "trace") hear(event.trace, false);
    else rereadSoon();
  };

  const isEmpty = query.data !== undefined && items.length === 0;
  const live = useLive({ project, enabled: search.live === true || isEmpty }, onEvent);

  const show = () => {
    put(arrivals.held);
    setArrivals(NONE);
    if (arrivals.stale) rereadSoon();
  };
  useEffect(() => {
    if (settled && (arrivals.held.length || arrivals.stale)) show();
  });
  useEffect(() => {
    if (!fresh.size) return;
    const timer = setTimeout(() => setFresh(new Set()), FRESH_MS);
    return () => clearTimeout(timer);
  }, [fresh]);

  return { query, items, live, held: arrivals.held.length, show, fresh, arrived };
}

/** Calls the newest `action`: at once, and not again before some time has passed. */
function useThrottled(action: () => void, milliseconds: number): () => void {
  const newest = useRef(action);
  const last = useRef(Number.NEGATIVE_INFINITY);
  const timer = useRef<ReturnType<typeof setTimeout> | null>(null);
  useEffect(() => {
    newest.current = action;
  });
  useEffect(
    () => () => {
      if (timer.current !== null) clearTimeout(timer.current);
      timer.current = null;
    },
    [],
  );
  return useCallback(() => {
    if (timer.current !== null) return;
    const wait = Math.max(0, last.current + milliseconds - performance.now());
    timer.current = setTimeout(() => {
      timer.current = null;
      last.current = performance.now();
      newest.current();
    }, wait);
  }, [milliseconds]);
}
