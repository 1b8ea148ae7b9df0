/** How answers are kept: one client, one rule for asking again. */

import { QueryClient } from "@tanstack/react-query";
import { ApiError, type FailureKind, failureOf } from "./errors";

const TRIES = 2;
/** What took the service all the time it has, or what is no answer, is not asked for again without being told to. */
const FINAL: ReadonlySet<FailureKind> = new Set(["unreachable", "failed", "too_slow"]);

/** Milliseconds until the next try. The service says how long to wait when it is overloaded. */
export function pauseBefore(attempt: number, error: unknown): number {
  const asked = error instanceof ApiError ? (error.retryAfterS ?? 0) * 1000 : 0;
  return Math.max(asked, Math.min(300 * 2 ** attempt, 5_000));
}

export function createQueries(): QueryClient {
  return new QueryClient({
    defaultOptions: {
      queries: {
        // The service may be on this machine: whether there is a network says nothing of it.
        networkMode: "always",
        staleTime: 10_000,
        refetchOnWindowFocus: false,
        // Where the service is gone, `shell/Connection` asks for it and then all queries again.
        retry: (failures, error) => {
          const { kind, again } = failureOf(error);
          return again && !FINAL.has(kind) && failures < TRIES;
        },
        retryDelay: pauseBefore,
      },
      mutations: { networkMode: "always" },
    },
  });
}
