/** What is asked of the service for a generation. */

import { keepPreviousData, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { answer, client, type Schema } from "../api/client";
import { isChanged, type TraceBase, traceRequest } from "./options";
import type { TraceControls } from "./search";

type Generation = Schema["GenerationProvenance"];

/** Milliseconds until a generation that is being traced is asked for again. */
const SOON_MS = 1_000;
/** One whose output has not come yet may take long. */
const LATER_MS = 5_000;

export function provenanceKey(id: string, project: string | undefined) {
  return ["generation", id, project ?? null, "provenance"];
}

/** Its parts; asked for again and again while any is being traced. */
export function useGeneration(id: string, project: string | undefined) {
  return useQuery({
    queryKey: provenanceKey(id, project),
    queryFn: ({ signal }) =>
      answer(
        client.GET("/v1/generations/{generation_id}/provenance", {
          params: { path: { generation_id: id }, query: project ? { project } : {} },
          signal,
        }),
      ),
    enabled: id !== "",
    refetchInterval: ({ state: { data } }) => pauseUntilNext(data),
  });
}

export function pauseUntilNext(generation: Generation | undefined): number | false {
  if (!generation) return false;
  if (generation.state === null) return LATER_MS;
  return generation.parts.some((part) => part.state === "pending") ? SOON_MS : false;
}

/** Messages, log-probabilities, usage. Asked for once its output is complete: what is traced again changes none. */
export function useGenerationSpan(generation: Generation | undefined) {
  return useQuery({
    queryKey: ["span", generation?.trace, generation?.id, generation?.state === null ? "growing" : "whole"],
    queryFn: ({ signal }) =>
      answer<unknown>(
        client.GET("/v1/spans/{span_id}", {
          params: {
            path: { span_id: generation?.id ?? "" },
            query: generation ? { trace: generation.trace, project: generation.project } : {},
          },
          signal,
        }),
        // The client forgets that pairs are pairs.
      ).then((span) => span as Schema["SpanDetail"]),
    enabled: generation !== undefined,
    staleTime: Number.POSITIVE_INFINITY,
  });
}

/** How the project's generations are traced now: what a fresh trace goes by where the controls say nothing. */
export function useTracingOf(project: string | undefined) {
  return useQuery({
    queryKey: ["project", project, "tracing"],
    queryFn: ({ signal }) =>
      answer(
        client.GET("/v1/projects/{name}/tracing", { params: { path: { name: project ?? "" } }, signal }),
      ),
    enabled: project !== undefined,
    staleTime: 60_000,
  });
}

export function useIndexNames() {
  return useQuery({
    queryKey: ["indexes"],
    queryFn: ({ signal }) => answer(client.GET("/v1/indexes", { signal })),
    select: (page) => page.items.filter((index) => index.serving).map((index) => index.name),
    staleTime: 60_000,
  });
}

interface FreshTrace {
  text: string | null;
  prompt: string | null;
  controls: TraceControls;
  base: TraceBase;
}

/**
 * A trace by other options than the stored one, or nothing where none is asked for. A request that is not wanted any
 * more is cancelled; until the next answer the last one stays.
 */
export function useFreshTrace({ text, prompt, controls, base }: FreshTrace) {
  const request = text && isChanged(controls) ? traceRequest(text, prompt, controls, base) : null;
  return useQuery({
    queryKey: ["trace", request],
    queryFn: ({ signal }) =>
      request ? answer(client.POST("/v1/trace", { body: request, signal })) : Promise.resolve(null),
    enabled: request !== null,
    staleTime: Number.POSITIVE_INFINITY,
    placeholderData: keepPreviousData,
  });
}

export function useRetrace(id: string, project: string | undefined) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: () =>
      answer(
        client.POST("/v1/generations/{generation_id}/retrace", {
          params: { path: { generation_id: id }, query: project ? { project } : {} },
        }),
      ),
    onSettled: () => queries.invalidateQueries({ queryKey: provenanceKey(id, project) }),
  });
}
