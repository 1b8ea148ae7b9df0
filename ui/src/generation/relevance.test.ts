import fc from "fast-check";
import { expect, test } from "vitest";
import type { Schema } from "../api/client";
import { countDocuments, groupDocuments, isAtLeast } from "./relevance";
import { RELEVANCE } from "./search";

type Provenance = Pick<Schema["ProvenanceModel"], "documents" | "spans">;

const level = fc.constantFrom(...RELEVANCE);
const provenance: fc.Arbitrary<Provenance> = fc
  .array(level, { maxLength: 20 })
  .chain((levels) =>
    fc.record({
      levels: fc.constant(levels),
      spans: fc.array(fc.uniqueArray(fc.nat({ max: Math.max(0, levels.length - 1) })), { maxLength: 5 }),
    }),
  )
  .map(({ levels, spans }) => ({
    documents: levels.map((relevance, place) => ({ id: `${place}`, relevance })) as Provenance["documents"],
    spans: spans.map((documents) => ({ documents })) as Provenance["spans"],
  }));

test("every document stands in the one group of its level, in its order", () => {
  fc.assert(
    fc.property(provenance, (given) => {
      const groups = groupDocuments(given);
      expect(
        groups.flatMap((group) => group.documents.map(({ place }) => place)).toSorted((a, b) => a - b),
      ).toEqual(given.documents.map((_, place) => place));
      for (const group of groups) {
        expect(group.documents.length).toBeGreaterThan(0);
        expect(group.documents.every(({ document }) => document.relevance === group.level)).toBe(true);
        const places = group.documents.map(({ place }) => place);
        expect(places).toEqual(places.toSorted((a, b) => a - b));
      }
    }),
  );
});

test("a selected span has its documents only, and a level those that reach it", () => {
  fc.assert(
    fc.property(
      provenance,
      fc.nat({ max: 6 }),
      fc.option(level, { nil: undefined }),
      (given, span, least) => {
        const found = groupDocuments(given, { span, least }).flatMap((group) => group.documents);
        const wanted = given.spans[span]?.documents.filter((place) => place < given.documents.length);
        for (const { document, place } of found) {
          expect(isAtLeast(document.relevance, least)).toBe(true);
          if (wanted) expect(wanted).toContain(place);
        }
        expect(countDocuments(given, { span, least })).toBe(found.length);
      },
    ),
  );
});

test("what has no level is below all of them", () => {
  expect(isAtLeast(null, undefined)).toBe(true);
  expect(isAtLeast(null, "low")).toBe(false);
  expect(isAtLeast("medium", "high")).toBe(false);
  expect(isAtLeast("medium", "low")).toBe(true);
});
