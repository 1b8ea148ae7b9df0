/** What the service is and what its caller may do: `GET /v1/service`. */

import { queryOptions, type UseQueryResult, useQuery } from "@tanstack/react-query";
import { answer, client, type Schema } from "./client";

export type Service = Schema["ServiceModel"];
export type Sample = Schema["Sample"];

export const SERVICE = queryOptions({
  queryKey: ["service"],
  queryFn: ({ signal }) => answer(client.GET("/v1/service", { signal })),
  staleTime: 60_000,
});

export function useService(): UseQueryResult<Service> {
  return useQuery(SERVICE);
}

/** Whether the caller may change and delete; until it is known, nothing of it is offered. */
export function useIsAdmin(): boolean {
  return useService().data?.caller.role === "admin";
}
