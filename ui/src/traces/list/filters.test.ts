import fc from "fast-check";
import { expect, test } from "vitest";
import { parseSearch, stringifySearch } from "../../url/search";
import { readListSearch, STATES, STATUSES, STRETCHES, type TracesSearch } from "../search";
import { CLEARED, chipsOf, FILTER_NAMES, queryOf } from "./filters";

const NOW = Date.parse("2026-01-01T12:00:00Z");
const words = fc.string({ unit: "grapheme", minLength: 1 }).filter((text) => text.isWellFormed());
const share = fc.integer({ min: 0, max: 1_000 }).map((value) => value / 1_000);
const optional = <T>(values: fc.Arbitrary<T>) => fc.option(values, { nil: undefined });

const searches: fc.Arbitrary<TracesSearch> = fc.record({
  last: optional(fc.constantFrom(...STRETCHES)),
  since: optional(fc.constant("2026-01-01T00:00:00.000Z")),
  until: optional(fc.constant("2026-01-02")),
  model: optional(words),
  status: optional(fc.constantFrom(...STATUSES)),
  provenance: optional(fc.constantFrom(...STATES)),
  min_coverage: optional(share),
  max_coverage: optional(share),
  min_longest_span: optional(fc.nat()),
  max_longest_span: optional(fc.nat()),
  min_cost: optional(share),
  max_cost: optional(share),
  session: optional(words),
  document: optional(words),
  index: optional(words),
  text: optional(words),
  order: optional(fc.constantFrom("newest" as const, "oldest" as const)),
  live: optional(fc.boolean()),
});

test("the address holds every filter", () => {
  fc.assert(
    fc.property(searches, (search) => {
      expect(readListSearch(parseSearch(stringifySearch({ ...search })))).toEqual(search);
    }),
  );
});

test("each filter in use is a chip, and without its chip it is not sent", () => {
  fc.assert(
    fc.property(searches, (search) => {
      const chips = chipsOf(search);
      const used = FILTER_NAMES.filter((name) => search[name] !== undefined);
      const hidden = search.last !== undefined && search.since !== undefined ? 1 : 0;
      expect(chips).toHaveLength(used.length - hidden);
      let left = search;
      for (const { removed } of chips) left = { ...left, ...removed };
      expect(chipsOf(left)).toEqual([]);
      const sent = queryOf(left, undefined, NOW);
      expect(Object.keys(sent)).toEqual(["order"]);
      expect(chipsOf({ ...search, ...CLEARED })).toEqual([]);
    }),
  );
});

test("what is sent is what the service knows", () => {
  expect(queryOf({ last: "hour", live: true, text: "a", index: "i" }, "p", NOW)).toEqual({
    project: "p",
    text: "a",
    since: "2026-01-01T11:00:00.000Z",
    order: "newest",
  });
  expect(queryOf({ document: "d", index: "i", order: "oldest" }, undefined, NOW)).toEqual({
    document: "d",
    index: "i",
    order: "oldest",
  });
});

test("chips are in words", () => {
  const chips = chipsOf({ min_coverage: 0.25, status: "error", provenance: "nothing", since: "not a time" });
  expect(chips.map(({ label, value }) => `${label}: ${value}`)).toEqual([
    "From: not a time",
    "Status: Error",
    "Provenance: No text",
    "Coverage at least: 25%",
  ]);
});
