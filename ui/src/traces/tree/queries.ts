/** What is asked of the service for a trace, and when it is asked again. */

import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useCallback, useEffect, useRef } from "react";
import { answer, client, type Schema } from "../../api/client";
import { useLive } from "../../api/live";

const SOON_MS = 400;
const PENDING_MS = 2_000;
/** A span without an end may have been forgotten: it is not asked for often. */
const RUNNING_MS = 15_000;

type Tree = Schema["TraceTree"];

export function treeKey(trace: string, project: string | undefined) {
  return ["tree", trace, project ?? null];
}

export function useTree(trace: string, project: string | undefined) {
  return useQuery({
    queryKey: treeKey(trace, project),
    queryFn: ({ signal }) =>
      answer(
        client.GET("/v1/traces/{trace_id}", {
          params: { path: { trace_id: trace }, query: project ? { project } : {} },
          signal,
        }),
      ),
    // Comparing 10,000 spans with those before takes longer than drawing the few that are seen.
    structuralSharing: false,
  });
}

export function useSpan(trace: Pick<Schema["TraceItem"], "id" | "project">, span: string | undefined) {
  return useQuery({
    queryKey: ["step", trace.id, trace.project, span ?? null],
    queryFn: ({ signal }) =>
      answer<unknown>(
        client.GET("/v1/spans/{span_id}", {
          params: { path: { span_id: span ?? "" }, query: { trace: trace.id, project: trace.project } },
          signal,
        }),
        // The client forgets that pairs are pairs.
      ).then((found) => found as Schema["SpanDetail"]),
    enabled: span !== undefined,
  });
}

/** Milliseconds until a trace may be another; false: it is complete as far as is known. */
export function pauseUntilNext(tree: Tree | undefined): number | false {
  if (!tree) return false;
  if (tree.trace.provenance === "pending") return PENDING_MS;
  return tree.spans.some((span) => span.duration_ms === null) ? RUNNING_MS : false;
}

/** Reads a trace, its open step and its scores anew when the service says that it changed, and now and then while it is not complete. */
export function useFollowing(trace: string, project: string | undefined, tree: Tree | undefined): void {
  const queries = useQueryClient();
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
  const reread = useCallback(() => {
    // Many events come at once: they are answered by one request.
    timer.current ??= setTimeout(() => {
      timer.current = undefined;
      const keys = [treeKey(trace, project), ["step", trace], ["scores", trace], ["generation"]];
      for (const queryKey of keys) void queries.invalidateQueries({ queryKey }, { cancelRefetch: false });
    }, SOON_MS);
  }, [queries, trace, project]);
  useEffect(
    () => () => {
      clearTimeout(timer.current);
      timer.current = undefined;
    },
    [],
  );
  useLive({ project, trace }, (event) => {
    // That events may have been missed is heard at once: an answer that is still to come has them.
    if (tree !== undefined || event.name === "trace") reread();
  });
  const pause = pauseUntilNext(tree);
  useEffect(() => {
    if (pause === false) return;
    const again = setInterval(reread, pause);
    return () => clearInterval(again);
  }, [pause, reread]);
}

export function useDeleteTrace({ id, project }: Pick<Schema["TraceItem"], "id" | "project">) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: () =>
      client.DELETE("/v1/traces/{trace_id}", { params: { path: { trace_id: id }, query: { project } } }),
    onSuccess: () => {
      queries.removeQueries({ queryKey: ["tree", id] });
      void queries.invalidateQueries({ queryKey: ["traces"] });
    },
  });
}
