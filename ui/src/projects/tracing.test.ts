import fc from "fast-check";
import { expect, test } from "vitest";
import { controlsOf, isOverruled, settingsOf, type TracingSettings } from "./tracing";

const settings = fc.record({
  indexes: fc.option(fc.uniqueArray(fc.string({ minLength: 1 }), { minLength: 1 }), { nil: null }),
  preset: fc.constantFrom("default" as const, "olmotrace" as const),
  options: fc.record(
    {
      min_characters: fc.integer({ min: 1, max: 500 }),
      density: fc.constantFrom(0.01, 0.05, 1),
      sentence_boundaries: fc.boolean(),
      max_documents: fc.nat(100),
      max_count: fc.option(fc.integer({ min: 1 }), { nil: null }),
    },
    { requiredKeys: [] },
  ),
  snippet_quota_bytes: fc.option(fc.nat(), { nil: null }),
});

test("what is not changed is stored as it was", () => {
  fc.assert(
    fc.property(settings, (stored) => {
      expect(settingsOf(controlsOf(stored), stored)).toEqual(stored);
    }),
  );
});

test("another preset takes over no options that nobody sees", () => {
  const stored: TracingSettings = { preset: "default", options: { max_documents: 3, min_characters: 40 } };
  expect(settingsOf({ preset: "olmotrace" }, stored)).toEqual({
    indexes: null,
    preset: "olmotrace",
    options: {},
    snippet_quota_bytes: null,
  });
});

test("no cap is a share of all", () => {
  expect(controlsOf({ preset: "default", options: { density: null } }).density).toBe(1);
});

test("what the service's own settings say is told from what is stored", () => {
  const effective = {
    indexes: ["a"],
    preset: "default",
    options: { min_characters: 30 },
    snippet_quota_bytes: 1,
  };
  const stored = (more: TracingSettings) => ({ stored: { indexes: ["a"], ...more }, effective });
  expect(isOverruled(stored({ preset: "default", options: { min_characters: 30 } }))).toBe(false);
  expect(isOverruled(stored({ preset: "default", options: { min_characters: 40 } }))).toBe(true);
  expect(isOverruled(stored({ preset: "olmotrace" }))).toBe(true);
  expect(isOverruled(stored({ preset: "default", indexes: ["b"] }))).toBe(true);
});
