/** Requests to the service, typed by its OpenAPI schema. Every failure is an `ApiError` or an `UnreachableError`. */

import createClient, { type Middleware } from "openapi-fetch";
import { ApiError, type Problem, UnreachableError } from "./errors";
import { readKey } from "./key";
import type { components, paths } from "./schema";

export type Schema = components["schemas"];

const middleware: Middleware = {
  onRequest({ request }) {
    const key = readKey();
    if (key) request.headers.set("x-api-key", key);
  },
  async onResponse({ response }) {
    if (!response.ok) throw await errorOf(response);
  },
  onError({ error }) {
    if (error instanceof TypeError) return new UnreachableError();
  },
};

export async function errorOf(response: Response): Promise<ApiError> {
  const after = Number(response.headers.get("Retry-After"));
  let problem: Partial<Problem> | null = null;
  if (response.headers.get("Content-Type")?.includes("json")) {
    problem = await response.json().catch(() => null);
  }
  return new ApiError(response.status, problem, Number.isFinite(after) && after > 0 ? after : null);
}

/** `client.GET("/v1/traces", {params: {query}})`; hand the result to `answer`. */
export const client = createClient<paths>({ baseUrl: location.origin });
client.use(middleware);

/** The body of an answer. */
export async function answer<T>(request: Promise<{ data?: T; error?: unknown }>): Promise<T> {
  const { data, error } = await request;
  if (data === undefined) throw error instanceof Error ? error : new ApiError(0, null);
  return data;
}
