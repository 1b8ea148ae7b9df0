import { expect, test } from "vitest";
import type { Schema } from "../api/client";
import { marksOf } from "./marks";
import { COST, COVERAGE, FAILURES, GENERATIONS, LATENCY, tickOfDuration, unitOfDurations } from "./measures";
import { rangeOf } from "./ranges";
import { totalsOf } from "./totals";

type Item = Schema["StepItem"];

const DAY = 86_400_000;
const NOW = Date.UTC(2026, 10, 5);
const RANGE = rangeOf({ last: "month" }, { oldest: 0, newest: NOW }, NOW);

function item(day: number, values: Partial<Item> = {}): Item {
  const start = Date.UTC(2026, 10, day);
  return {
    start: new Date(start).toISOString(),
    end: new Date(start + DAY).toISOString(),
    traces: 1,
    failed: 0,
    spans: 1,
    generations: 12,
    characters: 100,
    coverage: 0.5,
    longest_span: 30,
    longest_span_mean: 20,
    input_tokens: null,
    output_tokens: null,
    cost: null,
    cost_is_partial: false,
    duration_ms_median: 1_200,
    duration_ms_p95: 3_000,
    ...values,
  };
}

test("a mark says what and when, and leads to the traces of its time", () => {
  const [mark] = marksOf([item(3)], GENERATIONS, RANGE, "m1");
  expect(`${mark?.words} ${mark?.when}`).toBe("12 generations on 3 November");
  expect(mark?.link).toEqual({
    to: "/traces",
    search: { since: "2026-11-03T00:00:00.000Z", until: "2026-11-04T00:00:00.000Z", model: "m1" },
  });
});

test("a mark that was cut leads to what was asked for only", () => {
  const [since, until] = ["2026-11-03T05:00:00.000Z", "2026-11-03T07:00:00.000Z"];
  const range = rangeOf({ since, until, step: "day" }, { oldest: 0, newest: NOW }, NOW);
  const [mark] = marksOf([item(3)], GENERATIONS, range, undefined);
  expect(mark?.link.search).toMatchObject({ since, until });
});

test("what is unknown has no mark, and failures are found by their status", () => {
  expect(marksOf([item(3, { coverage: null })], COVERAGE, RANGE, undefined)).toEqual([]);
  expect(marksOf([item(3)], FAILURES, RANGE, undefined)).toEqual([]);
  const [mark] = marksOf([item(3, { failed: 2 })], FAILURES, RANGE, undefined);
  expect(mark?.words).toBe("2 failed traces");
  expect(mark?.link.search).toMatchObject({ status: "error" });
});

test("a cost that is partial is said to be", () => {
  expect(COST.words(item(3, { cost: 0.25, cost_is_partial: true }))).toBe("At least $0.250");
});

test("steps are added up by what they hold; what is unknown stays unknown", () => {
  const all = totalsOf([
    item(3, { coverage: 1, characters: 10, longest_span: 10 }),
    item(4, { coverage: 0, characters: 30, longest_span: 40, cost: 0.5, input_tokens: 7 }),
    item(5, { coverage: null, characters: null, longest_span: null }),
  ]);
  expect(all).toMatchObject({ coverage: 0.25, longest_span: 40, input_tokens: 7, output_tokens: null });
  expect(all).toMatchObject({ cost: 0.5, cost_is_partial: true, generations: 36, traces: 3 });
  expect(totalsOf([])).toMatchObject({ traces: 0, coverage: null, cost: null, cost_is_partial: false });
});

test.each([
  [0, "0"],
  [250, "250 ms"],
  [1_500, "1.5 s"],
  [120_000, "2 min"],
  [5_400_000, "1.5 h"],
])("%i ms at an axis are %s", (value, words) => expect(tickOfDuration(value)).toBe(words));

test("ticks are round in the unit that is read", () => {
  expect(unitOfDurations(900)).toEqual({ unit: 1 });
  expect(unitOfDurations(150_000)).toEqual({ unit: 60_000 });
  expect(LATENCY.words(item(3))).toContain("1.20 s in the median");
});
