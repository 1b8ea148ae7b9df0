import fc from "fast-check";
import { expect, test } from "vitest";
import { ApiError } from "./errors";
import {
  type Heard,
  type LiveEvent,
  type LiveState,
  listen,
  liveAddress,
  pauseAfter,
  readEvent,
} from "./live";

const TRACE = {
  id: "4bf92f3577b34da6a3ce929d0e0e4736",
  project: "p",
  start: "2026-01-01T00:00:00Z",
  name: "é😀",
};

function traceEvent(number: number, name = "x"): string {
  return `event: trace\nid: ${number}\ndata: ${JSON.stringify({ ...TRACE, name })}\n\n`;
}

/** A FAKE answer of the service: a stream of these pieces of bytes that then ends, or fails. */
function answering(pieces: readonly Uint8Array[], end: "ends" | "fails" = "ends"): Response {
  const left = [...pieces];
  const body = new ReadableStream<Uint8Array>({
    pull(stream) {
      const piece = left.shift();
      if (piece) stream.enqueue(piece);
      else if (end === "ends") stream.close();
      else stream.error(new TypeError("network error"));
    },
  });
  return new Response(body, { status: 200 });
}

interface Told {
  events: LiveEvent[];
  states: LiveState[];
  pauses: number[];
  headers: Record<string, string>[];
}

/** Listens to a FAKE service that gives these answers one after the other, until there are no more. */
async function listening(
  answers: (() => Response)[],
  key: string | null = null,
  heard: Heard = { lastId: "" },
) {
  const told: Told = { events: [], states: [], pauses: [], headers: [] };
  const ending = new AbortController();
  const left = [...answers];
  await listen(
    "/v1/live",
    { onEvent: (event) => told.events.push(event), onState: (state) => told.states.push(state) },
    heard,
    ending.signal,
    {
      fetch: async (_, { headers }) => {
        told.headers.push(headers as Record<string, string>);
        const next = left.shift();
        if (!next) throw new TypeError("nothing answers");
        return next();
      },
      pause: async (milliseconds) => {
        told.pauses.push(milliseconds);
        if (!left.length) ending.abort();
      },
      key,
    },
  );
  return told;
}

const bytes = (text: string) => new TextEncoder().encode(text);

function cut(all: Uint8Array, places: readonly number[]): Uint8Array[] {
  const edges = [...new Set(places.map((place) => place % (all.length + 1)))].sort((a, b) => a - b);
  return [0, ...edges].map((from, place) => all.slice(from, edges[place])).filter((piece) => piece.length);
}

test("events are read wherever the network cuts them, also within a character", async () => {
  const sent = `: listening\n\n${traceEvent(1, "é😀\u2028")}event: deleted\ndata: {}\n\n: still here\n\n${traceEvent(2)}`;
  await fc.assert(
    fc.asyncProperty(fc.array(fc.nat({ max: 2_000 }), { maxLength: 20 }), async (places) => {
      const heard = { lastId: "" };
      const { events } = await listening([() => answering(cut(bytes(sent), places))], null, heard);
      expect(events).toEqual([
        { name: "reread" },
        { name: "trace", trace: { ...TRACE, name: "é😀\u2028" } },
        { name: "reread" },
        { name: "trace", trace: { ...TRACE, name: "x" } },
      ]);
      expect(heard.lastId).toBe("2");
    }),
    { numRuns: 50 },
  );
});

test("a connection that breaks is made again from the last event, with the key", async () => {
  const { states, headers, events } = await listening(
    [
      () => answering([bytes(": listening\n\n"), bytes(traceEvent(7))], "fails"),
      () => answering([bytes(": listening\n\n"), bytes(traceEvent(9))]),
    ],
    "secret",
  );
  expect(headers.map((each) => [each["x-api-key"], each["Last-Event-ID"]])).toEqual([
    ["secret", undefined],
    ["secret", "7"],
  ]);
  expect(states).toEqual(["connecting", "open", "waiting", "connecting", "open", "waiting"]);
  expect(events.filter((event) => event.name === "trace")).toHaveLength(2);
});

test("who is gone is asked less and less often, and a greeting alone is no success", async () => {
  const failing = () => {
    throw new TypeError("nothing answers");
  };
  const greeting = () => answering([bytes(": listening\n\n")]);
  const { pauses } = await listening([failing, greeting, failing, greeting]);
  expect(pauses).toEqual([500, 1_000, 2_000, 4_000]);
});

test.each([401, 403, 404, 422])("after %i it does not ask again", async (status) => {
  const { states, pauses } = await listening([() => new Response("{}", { status }), () => answering([])]);
  expect(states).toEqual(["connecting", "refused"]);
  expect(pauses).toEqual([]);
});

test("an overloaded service says when", async () => {
  const busy = () => new Response("{}", { status: 503, headers: { "Retry-After": "12" } });
  expect((await listening([busy])).pauses).toEqual([12_000]);
  fc.assert(
    fc.property(fc.nat(), fc.option(fc.nat(1_000)), (failures, after) => {
      const pause = pauseAfter(failures, new ApiError(429, null, after));
      expect(pause).toBeGreaterThanOrEqual(Math.max(500, (after ?? 0) * 1_000));
      expect(pause).toBeLessThanOrEqual(Math.max(30_000, (after ?? 0) * 1_000));
    }),
  );
});

test("what cannot be understood has the lists read again; what is unknown is passed over", () => {
  expect(readEvent({ event: "reset", data: "" })).toEqual({ name: "reread" });
  for (const data of ["", "{", "null", "7", '{"id":1}']) {
    expect(readEvent({ event: "trace", data })).toEqual({ name: "reread" });
  }
  expect(readEvent({ event: "later", data: "{}" })).toBeNull();
  expect(readEvent({ event: undefined, data: "{}" })).toBeNull();
});

test("the address names what is wanted", () => {
  expect(liveAddress({})).toBe("/v1/live");
  expect(liveAddress({ project: "a&b", trace: "c" })).toBe("/v1/live?project=a%26b&trace=c");
});
