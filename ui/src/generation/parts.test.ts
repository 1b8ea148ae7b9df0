import { expect, test } from "vitest";
import type { Schema } from "../api/client";
import { promptOf } from "./asked";
import { nameOfPart, shownPart } from "./parts";
import { pauseUntilNext } from "./queries";
import { withheldSentences } from "./withheld";

function message(role: string, ...parts: Partial<Schema["PartOfMessage"]>[]): Schema["MessageOfSpan"] {
  const whole = { arguments: null, data: null, id: null, name: null, text: null, type: "text" as const };
  return { role, name: null, finish_reason: null, parts: parts.map((part) => ({ ...whole, ...part })) };
}

test("parts are called by what they hold", () => {
  const one = [
    message("assistant", { type: "reasoning", text: "hm" }, { type: "tool_call", name: "search" }),
  ];
  expect(nameOfPart({ place: "/0/parts/0/text" }, one)).toBe("reasoning");
  expect(nameOfPart({ place: "/0/parts/1/arguments/query/0" }, one)).toBe("call of search, query.0");
  const two = [message("assistant", { text: "a" }), message("assistant", { text: "b" })];
  expect(nameOfPart({ place: "/1/parts/0/text" }, two)).toBe("Choice 2: answer");
  expect(nameOfPart({ place: "/0/parts/2/text" }, undefined)).toBe("text 3");
});

test("a part that is not there is the first", () => {
  expect(shownPart(["a", "b"], 1)).toBe(1);
  expect(shownPart(["a", "b"], 2)).toBe(0);
  expect(shownPart([], undefined)).toBe(0);
});

test("the prompt is what the user said last, or else the last that was said", () => {
  expect(
    promptOf([message("user", { text: "one" }), message("user", { text: "two" }, { text: "three" })]),
  ).toBe("two\nthree");
  expect(promptOf([message("system", { text: "be kind" }), message("user", {})])).toBe("be kind");
  expect(promptOf([])).toBeNull();
  expect(promptOf(null)).toBeNull();
});

test("a generation is asked for again while it changes", () => {
  const generation = { state: "done", parts: [{ state: "done" }] } as Schema["GenerationProvenance"];
  expect(pauseUntilNext(undefined)).toBe(false);
  expect(pauseUntilNext(generation)).toBe(false);
  expect(pauseUntilNext({ ...generation, state: null, parts: [] })).toBeGreaterThan(0);
  expect(
    pauseUntilNext({ ...generation, parts: [{ state: "pending" }] } as Schema["GenerationProvenance"]),
  ).toBeGreaterThan(0);
});

test("what is withheld is told with its reason, what is not is not", () => {
  expect(withheldSentences({ density: 2, too_short: 0 })).toEqual([
    "2 passages are left out because only the rarest are shown. Choose “All” under “Passages shown” to see them.",
  ]);
  expect(withheldSentences({ no_live_document: 1 })[0]).toMatch(/^1 passage is left out/);
  expect(withheldSentences({})).toEqual([]);
});
