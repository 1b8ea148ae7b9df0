import { expect, test } from "vitest";
import type { Schema } from "../api/client";
import { generationIdOf, projectOf } from "./address";
import { countSharedDocuments, figuresOf, sharedPassages } from "./differences";
import { changeOf, readingOf, readSearch } from "./search";

type Provenance = Schema["ProvenanceModel"];

function provenance(texts: string[], documents: [string, string][] = []): Provenance {
  return {
    coverage: 0.5,
    shown_coverage: 0.4,
    spans: texts.map((text) => ({
      text,
      start: 0,
      end: text.length,
      log_probability: -text.length * Math.LN2,
    })),
    documents: documents.map(([index, id]) => ({ index, id })),
  } as Provenance;
}

test.each([
  [" 0123456789abcdef ", "0123456789abcdef"],
  ["http://127.0.0.1:8484/generations/0123456789abcdef?project=demo", "0123456789abcdef"],
  ["/generations/chatcmpl-1%2F2#x", "chatcmpl-1/2"],
  ["https://example.org/traces/abc/", "abc"],
  ["/generations/%E0%A4%A", "%E0%A4%A"],
  ["  ", null],
])("%j names %j", (pasted, id) => expect(generationIdOf(pasted)).toBe(id));

test("a link may name a project", () => {
  expect(projectOf("http://127.0.0.1:8484/generations/a?part=1&project=a%20b#x")).toBe("a b");
  expect(projectOf("/generations/a#?project=x y")).toBeUndefined();
  expect(projectOf("0123456789abcdef")).toBeUndefined();
});

test("passages that both have, once each, the longest first", () => {
  const left = provenance(["a b", "longer one", "a b", "alone"]);
  const right = provenance(["other", "longer one", "a b", "a b"]);
  expect(sharedPassages(left, right)).toEqual([
    { text: "longer one", left: 1, right: 1 },
    { text: "a b", left: 0, right: 2 },
  ]);
});

test("documents are the same by index and id", () => {
  const left = provenance(
    [],
    [
      ["one", "a"],
      ["one", "b"],
    ],
  );
  expect(
    countSharedDocuments(
      left,
      provenance(
        [],
        [
          ["two", "a"],
          ["one", "b"],
        ],
      ),
    ),
  ).toBe(1);
});

test("figures of a side", () => {
  expect(figuresOf(provenance(["four", "eight ch"], [["i", "a"]]))).toEqual({
    coverage: 0.5,
    shown: 0.4,
    longest: 8,
    passages: 2,
    documents: 1,
    bits: 8,
  });
  expect(figuresOf(provenance([])).bits).toBeNull();
});

test("each side has its own passage and indexes, both have the same options", () => {
  const search = readSearch({
    left: "a",
    right: "b",
    left_span: "2",
    right_indexes: "early",
    density: "1",
    span: "9",
  });
  expect(readingOf(search, "left")).toMatchObject({ span: 2, indexes: undefined, density: 1 });
  expect(readingOf(search, "right")).toMatchObject({ span: undefined, indexes: ["early"], density: 1 });
  expect(changeOf("right", { span: 4 }, ["span"])).toEqual({ right_span: 4 });
  expect(changeOf("left", { density: 0.1 }, ["density"])).toEqual({
    density: 0.1,
    left_span: undefined,
    right_span: undefined,
  });
});
