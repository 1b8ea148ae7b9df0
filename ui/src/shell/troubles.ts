/** What is wrong between this page and the service, as the requests of its views tell. */

import type { Query, QueryClient } from "@tanstack/react-query";
import { ApiError, type Failure, failureOf, UnreachableError } from "../api/errors";

export interface Troubles {
  /** An API key is needed, or the one that is used is not known any more. */
  isLocked: boolean;
  /** An answer has been waited for longer than usual. */
  isSlow: boolean;
  /** Asked again in a moment, since the service refused for now. */
  refused: Failure | null;
  /** Why some of what is shown is not up to date. Views that have nothing to show say so themselves. */
  stale: Failure | null;
  /** Views wait for what may come by itself. */
  isWaiting: boolean;
}

export const NONE: Troubles = {
  isLocked: false,
  isSlow: false,
  refused: null,
  stale: null,
  isWaiting: false,
};

export const SLOW_MS = 5_000;

/** Whether nothing of the service answers: not even a proxy's word that it is gone counts as an answer. */
export function isGone(error: unknown): boolean {
  return (
    error instanceof UnreachableError ||
    (error instanceof ApiError && [502, 503, 504].includes(error.status) && error.problem === null)
  );
}

export function isUnauthorised(error: unknown): boolean {
  return error instanceof ApiError && error.status === 401;
}

/** What comes right without anybody doing anything. */
function passes({ kind }: Failure): boolean {
  return kind === "overloaded" || kind === "unavailable";
}

export function waits(query: Query): boolean {
  return query.isActive() && query.state.status === "error" && passes(failureOf(query.state.error));
}

interface Seen {
  queries: readonly Query[];
  /** When each query that is under way was asked, by its hash. */
  since: ReadonlyMap<string, number>;
  now: number;
}

export function troublesOf({ queries, since, now }: Seen): Troubles {
  const found = { ...NONE };
  for (const query of queries) {
    if (!query.isActive()) continue;
    const { state, meta } = query;
    if (state.status === "error" && state.fetchStatus === "idle") {
      if (isUnauthorised(state.error)) found.isLocked = true;
      else if (!isGone(state.error)) {
        const failure = failureOf(state.error);
        if (state.data !== undefined) found.stale ??= failure;
        if (passes(failure)) found.isWaiting = true;
      }
    } else if (state.fetchStatus === "fetching" && meta?.saysSo !== true) {
      const failure = state.fetchFailureReason ? failureOf(state.fetchFailureReason) : null;
      if (failure && passes(failure)) found.refused ??= failure;
      else if (now - (since.get(query.queryHash) ?? now) >= SLOW_MS) found.isSlow = true;
    }
  }
  return found;
}

/** Looks at all queries whenever one changes, and once more when the oldest has become slow. */
export function watchTroubles(client: QueryClient, onChange: (troubles: Troubles) => void): () => void {
  const cache = client.getQueryCache();
  const since = new Map<string, number>();
  let timer: ReturnType<typeof setTimeout> | undefined;
  let at = Number.POSITIVE_INFINITY;
  let last = JSON.stringify(NONE);

  const look = () => {
    timer = undefined;
    at = Number.POSITIVE_INFINITY;
    const now = performance.now();
    const queries = cache.getAll();
    const underWay = queries.filter((query) => query.state.fetchStatus === "fetching");
    const hashes = new Set(underWay.map((query) => query.queryHash));
    for (const hash of since.keys()) if (!hashes.has(hash)) since.delete(hash);
    for (const hash of hashes) if (!since.has(hash)) since.set(hash, now);
    const troubles = troublesOf({ queries, since, now });
    const told = JSON.stringify(troubles);
    if (told !== last) {
      last = told;
      onChange(troubles);
    }
    const next = Math.min(...[...since.values()].map((began) => began + SLOW_MS).filter((due) => due > now));
    if (Number.isFinite(next)) soon(next - now);
  };
  const soon = (milliseconds: number) => {
    const due = performance.now() + milliseconds;
    if (due >= at) return;
    clearTimeout(timer);
    at = due;
    timer = setTimeout(look, milliseconds);
  };
  // Not at once: queries also change while components are drawn.
  const end = cache.subscribe(() => soon(0));
  soon(0);
  return () => {
    end();
    clearTimeout(timer);
  };
}
