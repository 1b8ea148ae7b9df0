/** A text as the generation of a trace, sent as applications send theirs: OTLP as JSON. */

import { answer, client } from "../api/client";
import type { Tried } from "./link";

export interface Saved extends Tried {
  project: string;
  model: string | null;
}

export interface Ids {
  /** 32 hexadecimal digits. */
  trace: string;
  /** 16 hexadecimal digits; the id of the generation too. */
  span: string;
}

interface Attribute {
  key: string;
  value: { stringValue: string };
}

const NANOSECONDS = 1_000_000n;

/** The body of a request to `/v1/traces`. */
export function otlpOf({ text, prompt, project, model }: Saved, ids: Ids, now: number) {
  const time = String(BigInt(now) * NANOSECONDS);
  const resource = attributes({ "service.name": "Wherefrom", "openinference.project.name": project });
  const span = {
    traceId: ids.trace,
    spanId: ids.span,
    name: "Try it",
    kind: 1,
    startTimeUnixNano: time,
    endTimeUnixNano: time,
    attributes: attributes({
      "gen_ai.operation.name": "chat",
      "gen_ai.request.model": model,
      "gen_ai.input.messages": prompt === null ? null : messages("user", prompt),
      "gen_ai.output.messages": messages("assistant", text),
    }),
  };
  return {
    resourceSpans: [
      {
        resource: { attributes: resource },
        scopeSpans: [{ scope: { name: "wherefrom-ui" }, spans: [span] }],
      },
    ],
  };
}

/** The id of the generation that was stored. */
export async function save(saved: Saved): Promise<string> {
  const ids = { trace: randomHex(16), span: randomHex(8) };
  const body = otlpOf(saved, ids, Date.now());
  const said = await answer<unknown>(
    client.POST("/v1/traces", { body: body as never, headers: { "Content-Type": "application/json" } }),
  );
  const refusal = refusalOf(said);
  if (refusal !== null) throw new Error(refusal);
  return ids.span;
}

/** Why a part was not stored, for a request may be accepted without all that it holds; null: it is stored. */
export function refusalOf(said: unknown): string | null {
  if (typeof said !== "object" || said === null || !("partialSuccess" in said)) return null;
  const { rejectedSpans, errorMessage } = said.partialSuccess as {
    rejectedSpans?: unknown;
    errorMessage?: unknown;
  };
  if (!Number(rejectedSpans ?? 0)) return null;
  return typeof errorMessage === "string" && errorMessage ? errorMessage : "The service could not use it.";
}

function attributes(values: Record<string, string | null>): Attribute[] {
  return Object.entries(values).flatMap(([key, value]) =>
    value === null ? [] : [{ key, value: { stringValue: value } }],
  );
}

function messages(role: string, content: string): string {
  return JSON.stringify([{ role, parts: [{ type: "text", content }] }]);
}

function randomHex(bytes: number): string {
  const numbers = crypto.getRandomValues(new Uint8Array(bytes));
  return Array.from(numbers, (one) => one.toString(16).padStart(2, "0")).join("");
}
