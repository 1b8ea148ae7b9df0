import { keepPreviousData, useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { answer, client } from "../api/client";
import type { ConversationsSearch } from "./search";

const PAGE = 100;

export function useSessions(project: string | undefined, order: ConversationsSearch["order"]) {
  return useInfiniteQuery({
    queryKey: ["sessions", "list", project ?? null, order ?? null],
    queryFn: ({ pageParam }) =>
      answer(
        client.GET("/v1/sessions", {
          params: {
            query: { project: project ?? null, order: order ?? "newest", limit: PAGE, cursor: pageParam },
          },
        }),
      ),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next,
    placeholderData: keepPreviousData,
  });
}

/** Sessions of an id: projects may share it. */
export function useSessionsOf(session: string, project: string | undefined) {
  return useQuery({
    queryKey: ["sessions", "one", project ?? null, session],
    queryFn: () =>
      answer(client.GET("/v1/sessions", { params: { query: { session, project: project ?? null } } })),
  });
}

/** The traces of a session, the oldest first. */
export function useSessionTraces(session: string, project: string) {
  return useInfiniteQuery({
    queryKey: ["traces", "session", project, session],
    queryFn: ({ pageParam }) =>
      answer(
        client.GET("/v1/traces", {
          params: { query: { session, project, order: "oldest", limit: PAGE, cursor: pageParam } },
        }),
      ),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next,
  });
}

/** Read again when the trace has changed. */
export function useTree(trace: string, project: string, updated: string) {
  return useQuery({
    queryKey: ["traces", "turn", project, trace, updated],
    queryFn: () =>
      answer(
        client.GET("/v1/traces/{trace_id}", { params: { path: { trace_id: trace }, query: { project } } }),
      ),
    staleTime: Number.POSITIVE_INFINITY,
  });
}

export function useSpan(span: string | undefined, trace: string, project: string, updated: string) {
  return useQuery({
    queryKey: ["spans", "turn", project, trace, span ?? null, updated],
    queryFn: () =>
      answer(
        client.GET("/v1/spans/{span_id}", {
          params: { path: { span_id: span ?? "" }, query: { trace, project } },
        }),
      ),
    enabled: span !== undefined,
    staleTime: Number.POSITIVE_INFINITY,
  });
}
