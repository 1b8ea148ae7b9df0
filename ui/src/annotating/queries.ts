/** What is asked of the service for scores and notes. */

import { useInfiniteQuery, useMutation, useQueryClient } from "@tanstack/react-query";
import { answer, client, type Schema } from "../api/client";
import type { Target } from "./drafts";

const PAGE = 100;

/** Everything that is kept of a trace's scores. */
export function scoresKey(trace: string) {
  return ["scores", trace];
}

/** Scores of a span; without one, of the trace and of all its spans. */
export function useScores({ trace, span, project }: Target) {
  return useInfiniteQuery({
    queryKey: [...scoresKey(trace), project, span ?? null],
    queryFn: ({ pageParam, signal }) =>
      answer(
        client.GET("/v1/scores", {
          params: {
            query: {
              project,
              trace,
              limit: PAGE,
              ...(span === undefined ? {} : { span }),
              ...(pageParam === null ? {} : { cursor: pageParam }),
            },
          },
          signal,
        }),
      ),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next,
  });
}

export function useSaveScore(trace: string) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (score: Schema["ScoreInput"]) => answer(client.POST("/v1/scores", { body: score })),
    onSuccess: () => queries.invalidateQueries({ queryKey: scoresKey(trace) }),
  });
}

export function useDeleteScore(trace: string) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: ({ id, project }: Schema["ScoreItem"]) =>
      client.DELETE("/v1/scores/{score_id}", { params: { path: { score_id: id }, query: { project } } }),
    onSuccess: () => queries.invalidateQueries({ queryKey: scoresKey(trace) }),
  });
}
