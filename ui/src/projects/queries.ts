/** What is asked of the service for projects. */

import { useInfiniteQuery, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { answer, client, type Schema } from "../api/client";

export type Project = Schema["ProjectItem"];

const PAGE = 50;
/** Names that are offered; whoever has more writes what they mean. */
const NAMED = 200;

/** The newest ones, for choosing among. */
export function useProjectNames(): string[] {
  const { data } = useQuery({
    queryKey: ["projects", "names"],
    queryFn: ({ signal }) =>
      answer(client.GET("/v1/projects", { params: { query: { limit: NAMED } }, signal })),
  });
  return data?.items.map((each) => each.name) ?? [];
}

export function useProjects() {
  return useInfiniteQuery({
    queryKey: ["projects", "list"],
    queryFn: ({ pageParam, signal }) =>
      answer(
        client.GET("/v1/projects", {
          params: { query: { limit: PAGE, ...(pageParam ? { cursor: pageParam } : {}) } },
          signal,
        }),
      ),
    initialPageParam: "",
    getNextPageParam: (page) => page.next,
  });
}

export function useProject(name: string) {
  return useQuery({
    queryKey: ["projects", "one", name],
    queryFn: ({ signal }) =>
      answer(client.GET("/v1/projects/{name}", { params: { path: { name } }, signal })),
  });
}

export function useTracing(name: string) {
  return useQuery({
    queryKey: ["project", name, "tracing"],
    queryFn: ({ signal }) =>
      answer(client.GET("/v1/projects/{name}/tracing", { params: { path: { name } }, signal })),
  });
}

export function useKeepFor(name: string) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (retention_days: number | null) =>
      answer(client.PATCH("/v1/projects/{name}", { params: { path: { name } }, body: { retention_days } })),
    onSuccess: () => queries.invalidateQueries({ queryKey: ["projects"] }),
  });
}

export function useSetTracing(name: string) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (settings: Schema["TracingSettings"]) =>
      answer(client.PUT("/v1/projects/{name}/tracing", { params: { path: { name } }, body: settings })),
    onSuccess: (tracing) => queries.setQueryData(["project", name, "tracing"], tracing),
  });
}

export function useRetrace(project: string) {
  return useMutation({
    mutationFn: () => answer(client.POST("/v1/retrace", { body: { which: "outdated", project } })),
  });
}

export function useDelete(name: string) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: async () => {
      await client.DELETE("/v1/projects/{name}", { params: { path: { name } } });
    },
    onSettled: () => queries.invalidateQueries(),
  });
}
