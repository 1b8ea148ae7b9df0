/**
 * What happens in the store, as it happens: the service's server-sent events, read by `fetch`, which, unlike the
 * browser's own `EventSource`, can send an API key.
 */

import { createParser, type EventSourceMessage } from "eventsource-parser";
import { useEffect, useRef, useState, useSyncExternalStore } from "react";
import type { Schema } from "./client";
import { errorOf } from "./client";
import { ApiError } from "./errors";
import { useKey } from "./key";

/** `trace`: it is new or has changed. `reread`: something else happened, or may have: lists are to be read again. */
export type LiveEvent = { name: "trace"; trace: Schema["TraceItem"] } | { name: "reread" };

/** `waiting`: until it tries again. `refused`: it will not try again by itself. */
export type LiveState = "off" | "connecting" | "open" | "waiting" | "refused";

export interface LiveTarget {
  /** None: all of them. */
  project?: string | undefined;
  /** Of this trace only. */
  trace?: string | undefined;
  /** Whether to listen at all. */
  enabled?: boolean;
}

/** What a connection needs from its surroundings. */
export interface LiveMeans {
  fetch: (address: string, init: RequestInit) => Promise<Response>;
  /** Ends early, without a complaint, when the signal is given. */
  pause: (milliseconds: number, signal: AbortSignal) => Promise<void>;
  key: string | null;
}

export interface LiveHooks {
  onEvent: (event: LiveEvent) => void;
  onState: (state: LiveState) => void;
}

/** The id of the last event heard; a connection that is made again goes on from there. */
export interface Heard {
  lastId: string;
}

const SHORTEST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 30_000;
/** The service says something every 15 seconds; who says nothing for so long is gone. */
const SILENCE_MS = 45_000;
const LONGEST_EVENT = 4_000_000;

/** Hears events until the signal is given or the service refuses for good. */
export async function listen(
  address: string,
  { onEvent, onState }: LiveHooks,
  heard: Heard,
  signal: AbortSignal,
  means: LiveMeans,
): Promise<void> {
  let failures = 0;
  while (!signal.aborted) {
    onState("connecting");
    let failure: unknown = null;
    try {
      await connect(address, heard, signal, means, {
        onOpen: () => {
          onState("open");
          // Events before the first one heard, and deletions meanwhile, are told to nobody.
          onEvent({ name: "reread" });
        },
        onAlive: () => {
          failures = 0;
        },
        onEvent,
      });
    } catch (error) {
      failure = error;
    }
    if (signal.aborted) return;
    if (isFinal(failure)) return onState("refused");
    onState("waiting");
    await means.pause(pauseAfter(failures, failure), signal);
    failures += 1;
  }
}

export function liveAddress({ project, trace }: LiveTarget): string {
  const query = new URLSearchParams();
  if (project !== undefined) query.set("project", project);
  if (trace !== undefined) query.set("trace", trace);
  return `/v1/live${query.size ? `?${query}` : ""}`;
}

/** What an event means; null: nothing that is known here. */
export function readEvent({ event, data }: Pick<EventSourceMessage, "event" | "data">): LiveEvent | null {
  if (event === "reset" || event === "deleted") return { name: "reread" };
  if (event !== "trace") return null;
  try {
    const trace: unknown = JSON.parse(data);
    return isTrace(trace) ? { name: "trace", trace } : { name: "reread" };
  } catch {
    return { name: "reread" };
  }
}

/** Milliseconds until the next try: longer after each failure, and not before the service wants one. */
export function pauseAfter(failures: number, error: unknown): number {
  const asked = error instanceof ApiError ? (error.retryAfterS ?? 0) * 1_000 : 0;
  return Math.max(asked, Math.min(SHORTEST_PAUSE_MS * 2 ** Math.min(failures, 10), LONGEST_PAUSE_MS));
}

function isFinal(error: unknown): boolean {
  return (
    error instanceof ApiError &&
    error.status >= 400 &&
    error.status < 500 &&
    ![408, 429].includes(error.status)
  );
}

function isTrace(value: unknown): value is Schema["TraceItem"] {
  return (
    typeof value === "object" &&
    value !== null &&
    "id" in value &&
    typeof value.id === "string" &&
    "project" in value &&
    typeof value.project === "string" &&
    "start" in value &&
    typeof value.start === "string"
  );
}

interface ConnectionHooks {
  onOpen: () => void;
  /** More came than the greeting: a service that accepts and ends at once is not asked ever again at once. */
  onAlive: () => void;
  onEvent: (event: LiveEvent) => void;
}

async function connect(
  address: string,
  heard: Heard,
  signal: AbortSignal,
  means: LiveMeans,
  hooks: ConnectionHooks,
): Promise<void> {
  const ending = new AbortController();
  const end = () => ending.abort();
  signal.addEventListener("abort", end);
  let alarm = setTimeout(end, SILENCE_MS);
  try {
    const headers: Record<string, string> = { Accept: "text/event-stream" };
    if (means.key) headers["x-api-key"] = means.key;
    if (heard.lastId) headers["Last-Event-ID"] = heard.lastId;
    const response = await means.fetch(address, { headers, signal: ending.signal, cache: "no-store" });
    if (!response.ok) throw await errorOf(response);
    if (!response.body) return;
    hooks.onOpen();
    const parser = createParser({
      maxBufferSize: LONGEST_EVENT,
      onEvent: (message) => {
        const event = readEvent(message);
        if (message.id) heard.lastId = message.id;
        if (event) hooks.onEvent(event);
      },
    });
    const reader = response.body.getReader();
    const decoder = new TextDecoder();
    for (let chunks = 1; ; chunks += 1) {
      const { done, value } = await reader.read();
      if (done) return;
      if (chunks === 2) hooks.onAlive();
      clearTimeout(alarm);
      alarm = setTimeout(end, SILENCE_MS);
      parser.feed(decoder.decode(value, { stream: true }));
    }
  } finally {
    clearTimeout(alarm);
    signal.removeEventListener("abort", end);
    // Where reading failed, the rest of the answer is not waited for.
    ending.abort();
  }
}

function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(done, milliseconds);
    function done() {
      clearTimeout(timer);
      signal.removeEventListener("abort", done);
      resolve();
    }
    signal.addEventListener("abort", done);
    if (signal.aborted) done();
  });
}

/**
 * Calls `onEvent` for what happens while the page is seen; after a time unseen it hears what it missed. Returns how the
 * connection is.
 */
export function useLive(
  { project, trace, enabled = true }: LiveTarget,
  onEvent: (event: LiveEvent) => void,
): LiveState {
  const key = useKey();
  const seen = useSeen();
  const [state, setState] = useState<LiveState>("off");
  const newest = useRef(onEvent);
  const address = liveAddress({ project, trace });
  const heard = useRef<Heard & { address: string }>({ lastId: "", address });
  useEffect(() => {
    newest.current = onEvent;
  });
  useEffect(() => {
    if (!enabled || !seen) {
      setState("off");
      return;
    }
    if (heard.current.address !== address) heard.current = { lastId: "", address };
    const ending = new AbortController();
    const hooks = { onEvent: (event: LiveEvent) => newest.current(event), onState: setState };
    void listen(address, hooks, heard.current, ending.signal, {
      fetch: (...request) => fetch(...request),
      pause,
      key,
    });
    return () => ending.abort();
  }, [address, enabled, key, seen]);
  return state;
}

/** Whether the browser's tab is seen. */
function useSeen(): boolean {
  return useSyncExternalStore(
    (listener) => {
      document.addEventListener("visibilitychange", listener);
      return () => document.removeEventListener("visibilitychange", listener);
    },
    () => document.visibilityState === "visible",
    () => true,
  );
}
