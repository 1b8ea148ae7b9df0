import fc from "fast-check";
import { expect, test } from "vitest";
import { CURVES, readReport } from "./report";

const GROUP = {
  name: "all",
  outputs: 3,
  measures: {
    share: { value: 0.5, low: 0.4, high: 0.6, n: 3 },
    longest: { value: 12, low: null, high: null },
  },
  curves: {
    novelty: [
      { n: 2, value: 0.5, low: 0.4, high: 0.6 },
      { n: 1, value: 0.1, low: null, high: null },
    ],
    tail: [{ characters: 20, share: 0.25 }],
    suffix_histogram: [
      { tokens: 0, positions: 1 },
      { tokens: 1, positions: 3 },
    ],
  },
};

test("a report is read with all that it says", () => {
  const report = readReport({
    kind: "audit",
    created: "2026-11-23",
    command: "wherefrom audit",
    indexes: [{ name: "demo", version: "f00d", documents: 2, tokens: 30 }],
    parameters: {
      seed: 42,
      fields: ["model", "year"],
      roles: { question: "q" },
      worst: true,
      baseline: null,
      prompt: "discounted",
    },
    counts: { outputs: 3, too_short: { "50": 1, "100": 2 } },
    overall: GROUP,
    baseline: null,
    differences: [{ measure: "share", value: 0.1, low: 0, high: 0.2 }],
    groups: { model: [GROUP, "no group"] },
    worst: [
      {
        id: "a",
        line: 2,
        text: "words",
        passages: [
          { start: 0, end: 5, count: 2, documents: [{ index: "demo", id: "d" }] },
          { start: 3, end: 3 },
        ],
        longest: 5,
        coverage: 1,
      },
    ],
    sources: { year: [{ value: 1790, documents: 1, characters: 5 }] },
    findings: [{ kind: "email", count: 1, outputs: 1 }],
    limits: ["No proof.", 5],
  });
  expect(report.parameters).toEqual([
    ["seed", "42"],
    ["fields", "model, year"],
    ["roles", "question: q"],
    ["worst", "yes"],
    ["baseline", ""],
    ["prompt", "discounted"],
  ]);
  expect(report.counts).toEqual([
    ["outputs", 3],
    ["too_short (50)", 1],
    ["too_short (100)", 2],
  ]);
  expect(report.overall?.measures.map(({ name, value, n }) => [name, value, n])).toEqual([
    ["share", 0.5, 3],
    ["longest", 12, null],
  ]);
  expect(report.overall?.curves.novelty.map(({ x, value }) => [x, value])).toEqual([
    [1, 0.1],
    [2, 0.5],
  ]);
  expect(report.overall?.curves.tail).toEqual([{ x: 20, value: 0.25, low: null, high: null }]);
  expect(report.overall?.curves.suffix_histogram.map(({ value }) => value)).toEqual([0.25, 0.75]);
  expect(report.overall?.curves.coverage).toEqual([]);
  expect(report.baseline).toBeNull();
  expect(report.differences[0]).toEqual({ name: "share", value: 0.1, low: 0, high: 0.2, n: null });
  expect(report.groups[0]?.groups).toHaveLength(1);
  expect(report.worst[0]?.passages).toEqual([
    { start: 0, end: 5, count: 2, documents: [{ index: "demo", id: "d" }] },
  ]);
  expect(report.sources).toEqual([
    { field: "year", sources: [{ value: "1790", documents: 1, characters: 5 }] },
  ]);
  expect(report.limits).toEqual(["No proof."]);
});

const NAMES = [
  ...[
    "kind",
    "overall",
    "baseline",
    "groups",
    "worst",
    "counts",
    "curves",
    "measures",
    "passages",
    "documents",
  ],
  ...["value", "n", "start", "end", "text", "name", "sources", "findings", "limits", ...CURVES],
];
const anything = fc.letrec((tie) => ({
  value: fc.oneof(
    { depthSize: "small" },
    fc.constantFrom(null, true, "x", "", -1, 0, 1.5, 1e300),
    fc.array(tie("value"), { maxLength: 3 }),
    fc.dictionary(fc.constantFrom(...NAMES), tie("value"), { maxKeys: 5 }),
  ),
})).value;

test("whatever stands in the file, something is read", () => {
  fc.assert(
    fc.property(anything, (raw) => {
      const report = readReport(raw);
      for (const group of [report.overall, report.baseline, ...report.groups.flatMap((one) => one.groups)])
        for (const name of CURVES)
          for (const { x } of group?.curves[name] ?? []) expect(Number.isFinite(x)).toBe(true);
      for (const { passages } of report.worst)
        for (const { start, end } of passages) expect(end).toBeGreaterThan(start);
    }),
  );
});

test("a report of a benchmark has verdicts, scores, and a case for each text with evidence", () => {
  const score = { value: 0.5, low: 0.4, high: 0.6, n: 8 };
  const evidence = { start: 2, end: 6, count: 1, places: [{ index: "demo", document_id: "d" }] };
  const report = readReport({
    kind: "contamination",
    counts: { items: 8, faults: { "not JSON": 1 } },
    variants: [
      { name: "palm", rule: "8-grams", items: { clean: 5, dirty: 3 }, scores: { all: score, clean: score } },
      { name: "gpt3", rule: "13-grams", items: {}, scores: null },
    ],
    worst: [
      {
        id: "q",
        line: 4,
        texts: {
          question: {
            text: "𝔴hat is it?",
            longest: 4,
            evidence: [evidence, { ...evidence, start: 90, end: 95 }],
          },
          answer: { longest: 0 },
        },
      },
    ],
    documents: [{ index: "demo", file: null, documents: 2 }],
  });
  expect(report.overall).toBeNull();
  expect(report.counts).toEqual([
    ["items", 8],
    ["faults (not JSON)", 1],
  ]);
  expect(report.variants.map(({ items }) => items)).toEqual([
    { clean: 5, suspicious: 0, dirty: 3, short: 0 },
    { clean: 0, suspicious: 0, dirty: 0, short: 0 },
  ]);
  expect(report.variants[0]?.scores?.all).toEqual({ name: "all", ...score });
  expect(report.variants[0]?.scores?.dirty.value).toBeNull();
  expect(report.variants[1]?.scores).toBeNull();
  expect(report.worst).toEqual([
    {
      id: "q (question)",
      line: 4,
      text: "𝔴hat is it?",
      prompt: "",
      passages: [{ start: 2, end: 6, count: 1, documents: [{ index: "demo", id: "d" }] }],
      longest: 4,
      coverage: null,
    },
  ]);
  expect(report.holders).toEqual([{ index: "demo", file: "", documents: 2 }]);
});

test("shares of outputs stand over percent", () => {
  const report = readReport({
    overall: { curves: { share_tail: [{ share: 0.07, outputs: 0.5 }, { share: null }] } },
  });
  expect(report.overall?.curves.share_tail).toEqual([{ x: 7, value: 0.5, low: null, high: null }]);
});

test("a report of extraction has rates and what was given back", () => {
  const some = { value: 0.5, low: 0.2, high: 0.8, n: 4 };
  const report = readReport({
    kind: "extraction",
    rates: [
      { set: "held out", duplicates: null, least_duplicates: null, prefix: 32, sequences: 4, verbatim: some },
      { set: "corpus", duplicates: "16–63", least_duplicates: 16, prefix: 32, sequences: 4, verbatim: some },
      { prefix: "no number" },
    ],
    worst: [{ index: "demo", document: "d", duplicates: 16, prompt: "We the", given: " people" }],
  });
  expect(report.rates.map(({ duplicates, least }) => [duplicates, least])).toEqual([
    ["", 0],
    ["16–63", 16],
  ]);
  expect(report.rates[1]?.verbatim).toEqual(some);
  expect(report.rates[1]?.approximate).toEqual({ value: null, low: null, high: null, n: null });
  expect(report.given).toEqual([
    { index: "demo", document: "d", duplicates: 16, prompt: "We the", given: " people" },
  ]);
});
