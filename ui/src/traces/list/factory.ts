/** Traces for tests. */

import type { Item } from "./pages";

export function item(given: Partial<Item> = {}): Item {
  return {
    id: "1".padStart(32, "0"),
    project: "shop",
    session: null,
    user: null,
    name: "chat",
    protocol: "otlp",
    status: "ok",
    start: "2026-01-01T00:00:00.000000000Z",
    end: null,
    duration_ms: null,
    received: "2026-01-01T00:00:00.000000000Z",
    updated: "2026-01-01T00:00:00.000000000Z",
    spans: 1,
    errors: 0,
    generations: 1,
    model: "small",
    input_tokens: null,
    output_tokens: null,
    cost: null,
    cost_is_partial: false,
    provenance: "done",
    characters: 10,
    coverage: 0.5,
    longest_span: 20,
    ...given,
  };
}
