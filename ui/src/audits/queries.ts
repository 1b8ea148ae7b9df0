/** What is asked of the service for reports of audits. */

import { useQuery } from "@tanstack/react-query";
import { answer, client } from "../api/client";
import { readReport } from "./report";

/** All reports; another may be written at any time. */
export function useAudits() {
  return useQuery({
    queryKey: ["audits"],
    queryFn: ({ signal }) => answer(client.GET("/v1/audits", { signal })),
  });
}

export function useAudit(name: string) {
  return useQuery({
    queryKey: ["audit", name],
    queryFn: async ({ signal }) =>
      readReport(await answer(client.GET("/v1/audits/{name}", { params: { path: { name } }, signal }))),
  });
}
