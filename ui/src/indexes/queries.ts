/** What is asked of the service for indexes and phrases. */

import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { answer, client } from "../api/client";

const SOON_MS = 10_000;
const SHOWN = 20;

/** All indexes with their state; another version may be published at any time. */
export function useIndexes() {
  return useQuery({
    queryKey: ["indexes"],
    queryFn: ({ signal }) => answer(client.GET("/v1/indexes", { signal })),
    refetchInterval: SOON_MS,
  });
}

export function useIndex(name: string) {
  return useQuery({
    queryKey: ["index", name],
    queryFn: ({ signal }) => answer(client.GET("/v1/indexes/{name}", { params: { path: { name } }, signal })),
    refetchInterval: SOON_MS,
  });
}

/** How often a phrase stands in some indexes, in all where none is named, and where. */
export function usePhrase(text: string | undefined, indexes: readonly string[]) {
  return useQuery({
    queryKey: ["phrase", text, indexes],
    queryFn: ({ signal }) =>
      answer(
        client.POST("/v1/search", {
          body: { text: text ?? "", indexes: [...indexes], limit: SHOWN, context_characters: 160, seed: 42 },
          signal,
        }),
      ),
    enabled: Boolean(text),
    placeholderData: keepPreviousData,
  });
}
