import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { jsonLines, openAll, openAtFirst } from "./jsonLines";
import { childrenOf, type Json, pointerTo, structured } from "./structured";

/** What a JSON pointer leads to, by the letter of RFC 6901. */
function follow(root: Json, pointer: string): unknown {
  return pointer
    .split("/")
    .slice(1)
    .reduce<unknown>(
      (value, key) => (value as Record<string, unknown>)[key.replaceAll("~1", "/").replaceAll("~0", "~")],
      root,
    );
}

function everyPlace(value: Json, place = ""): [string, Json][] {
  return [
    [place, value],
    ...childrenOf(value).flatMap(([key, child]) => everyPlace(child, pointerTo(place, key))),
  ];
}

const json = fc.jsonValue().map((value) => JSON.parse(JSON.stringify(value)) as Json);

describe("places", () => {
  it("lead to what stands there", () => {
    fc.assert(
      fc.property(json, (value) => {
        for (const [place, held] of everyPlace(value)) expect(follow(value, place)).toBe(held);
      }),
    );
  });

  it("escape what pointers are made of", () => {
    expect(pointerTo("/0/parts/1/arguments", "a/b~c")).toBe("/0/parts/1/arguments/a~1b~0c");
  });
});

describe("structured", () => {
  it("reads objects and lists that hold a text", () => {
    expect(structured(' {"answer": "42"} ')).toEqual({ answer: "42" });
    expect(structured('["a", 1]')).toEqual(["a", 1]);
  });

  it.each([
    "words",
    "{}",
    '{"a": 1}',
    '{"a": ',
    '"text"',
    '{"a": "data:image/png;base64,AAAA"}',
    `${"[".repeat(200)}"a"${"]".repeat(200)}`,
  ])("leaves %j a text", (text) => {
    expect(structured(text)).toBeUndefined();
  });
});

describe("jsonLines", () => {
  it("shows every value once where all is open", () => {
    fc.assert(
      fc.property(json, (value) => {
        const lines = jsonLines(value, openAll(value)).filter((line) => line.kind !== "end");
        expect(lines.map((line) => line.pointer)).toEqual(everyPlace(value).map(([place]) => place));
      }),
    );
  });

  it("shows nothing below what is closed, and closes every bracket", () => {
    fc.assert(
      fc.property(json, fc.func(fc.boolean()), (value, isOpen) => {
        const open = new Set([...openAll(value)].filter((place) => isOpen(place)));
        const lines = jsonLines(value, open);
        const naive = everyPlace(value).filter(([place]) =>
          everyPlace(value).every(([above]) => !place.startsWith(`${above}/`) || open.has(above)),
        );
        expect(lines.filter((line) => line.kind !== "end").map((line) => line.pointer)).toEqual(
          naive.map(([place]) => place),
        );
        expect(lines.filter((line) => line.kind === "open").length).toBe(
          lines.filter((line) => line.kind === "end").length,
        );
      }),
    );
  });

  it("opens few lines of much at first, and always the first", () => {
    const much = { rows: Array.from({ length: 1_000 }, (_, number) => ({ number })), name: "x" };
    const open = openAtFirst(much);
    expect(jsonLines(much, open).length).toBeLessThan(70);
    expect(open.has("")).toBe(true);
  });
});
