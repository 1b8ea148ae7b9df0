/** The trace of what is tried. */

import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useCallback } from "react";
import { answer, client } from "../api/client";
import { traceRequest } from "../generation/options";
import type { TraceControls } from "../generation/search";
import type { Tried } from "./link";

export function useTrace(tried: Tried, controls: TraceControls) {
  const queries = useQueryClient();
  const request = traceRequest(tried.text, tried.prompt, controls);
  const queryKey = ["trace", request];
  const query = useQuery({
    queryKey,
    queryFn: ({ signal }) => answer(client.POST("/v1/trace", { body: request, signal })),
    staleTime: Number.POSITIVE_INFINITY,
    // Other options leave what was found until there is something newer; another text does not.
    placeholderData: (before, last) =>
      (last?.queryKey[1] as typeof request | undefined)?.text === request.text ? before : undefined,
    // How long it takes is said where it is waited for.
    meta: { saysSo: true },
  });
  // biome-ignore lint/correctness/useExhaustiveDependencies: the key is made anew each time, of the same parts
  const cancel = useCallback(() => void queries.cancelQueries({ queryKey }), [queries, query]);
  return { query, cancel, isCancelled: query.fetchStatus === "idle" && !query.isError && !hasAnswer(query) };
}

function hasAnswer(query: { data: unknown; isPlaceholderData: boolean }): boolean {
  return query.data !== undefined && !query.isPlaceholderData;
}
