/** What the overview asks the service; each panel has its own question, so that none waits for another. */

import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { answer, client } from "../api/client";
import { boundsOf } from "./marks";
import type { Bounds, TimeRange } from "./ranges";

const RANKED = 8;
const MODELS = 50;

interface Asked {
  project: string | undefined;
  range: TimeRange;
  model: string | undefined;
}

function filterOf({ project, range, model }: Asked) {
  const { since, until } = boundsOf(range);
  return {
    ...(project && { project }),
    ...(model && { model }),
    ...(since && { since }),
    ...(until && { until }),
  };
}

/** When the first and the last trace started; null: there are none. */
export function useBounds(project: string | undefined) {
  return useQuery({
    queryKey: ["statistics", "bounds", project ?? null],
    queryFn: async (): Promise<Bounds | null> => {
      const first = async (order: "newest" | "oldest") => {
        const query = { ...(project && { project }), order, limit: 1 };
        return (await answer(client.GET("/v1/traces", { params: { query } }))).items[0];
      };
      const [newest, oldest] = await Promise.all([first("newest"), first("oldest")]);
      return newest && oldest ? { newest: Date.parse(newest.start), oldest: Date.parse(oldest.start) } : null;
    },
  });
}

export function useOverTime(asked: Asked) {
  const query = { ...filterOf(asked), step: asked.range.step };
  return useQuery({
    queryKey: ["statistics", "time", query],
    queryFn: () => answer(client.GET("/v1/statistics/time", { params: { query } })),
    placeholderData: keepPreviousData,
  });
}

/** Read apart from the rest: it takes a look at every span. */
export function useFirstTokens(asked: Asked) {
  const query = { ...filterOf(asked), step: asked.range.step };
  return useQuery({
    queryKey: ["statistics", "first token", query],
    queryFn: () => answer(client.GET("/v1/statistics/first-token", { params: { query } })),
    placeholderData: keepPreviousData,
  });
}

export function useDocuments(asked: Asked) {
  const query = { ...filterOf(asked), limit: RANKED };
  return useQuery({
    queryKey: ["statistics", "documents", query],
    queryFn: () => answer(client.GET("/v1/statistics/documents", { params: { query } })),
    placeholderData: keepPreviousData,
  });
}

export function useSources(asked: Asked) {
  const query = { ...filterOf(asked), limit: RANKED };
  return useQuery({
    queryKey: ["statistics", "sources", query],
    queryFn: () => answer(client.GET("/v1/statistics/sources", { params: { query } })),
    placeholderData: keepPreviousData,
  });
}

/** The models of a time, whichever is chosen. */
export function useModels({ project, range }: Omit<Asked, "model">) {
  const query = { ...filterOf({ project, range, model: undefined }), limit: MODELS };
  return useQuery({
    queryKey: ["statistics", "models", query],
    queryFn: () => answer(client.GET("/v1/statistics/models", { params: { query } })),
    placeholderData: keepPreviousData,
  });
}
