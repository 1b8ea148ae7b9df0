/** The one place where what went wrong becomes words. */

import type { components } from "./schema";

export type Problem = components["schemas"]["Problem"];

/** An answer that is a problem document, or an answer that is none at all. */
export class ApiError extends Error {
  constructor(
    readonly status: number,
    readonly problem: Partial<Problem> | null,
    readonly retryAfterS: number | null = null,
  ) {
    super(problem?.detail ?? problem?.title ?? `The service answered ${status}.`);
    this.name = "ApiError";
  }
}

/** No answer came: the service is gone, or the network is. */
export class UnreachableError extends Error {
  constructor() {
    super("The service does not answer.");
    this.name = "UnreachableError";
  }
}

export type FailureKind =
  | "unreachable"
  | "unauthorised"
  | "forbidden"
  | "not_found"
  | "overloaded"
  | "unavailable"
  | "too_slow"
  | "too_large"
  | "refused"
  | "failed";

export interface Failure {
  kind: FailureKind;
  /** What failed, in a few words. */
  title: string;
  /** What was wrong and what to do. */
  detail: string;
  /** Whether asking again may help. */
  again: boolean;
}

const BY_STATUS: Record<number, [FailureKind, string, boolean]> = {
  401: ["unauthorised", "An API key is needed", false],
  403: ["forbidden", "This API key does not allow it", false],
  404: ["not_found", "Not found", false],
  408: ["too_slow", "The request took too long", true],
  413: ["too_large", "Too large", false],
  429: ["overloaded", "The service is overloaded", true],
  503: ["unavailable", "The service cannot do this now", true],
  504: ["too_slow", "The search took too long", true],
};

export function failureOf(error: unknown): Failure {
  if (error instanceof UnreachableError) {
    return {
      kind: "unreachable",
      title: "The service does not answer",
      detail: "It may be restarting. This page goes on by itself when it is back.",
      again: true,
    };
  }
  if (error instanceof ApiError) {
    const [kind, title, again] = BY_STATUS[error.status] ?? [
      error.status >= 500 ? "failed" : "refused",
      error.status >= 500 ? "The service failed" : "The service refused this",
      error.status >= 500,
    ];
    return { kind, title, detail: error.message, again };
  }
  return {
    kind: "failed",
    title: "This page failed",
    detail: error instanceof Error ? error.message : String(error),
    again: true,
  };
}
