import fc from "fast-check";
import { expect, test } from "vitest";
import { count, flag, number, oneOf, parseSearch, stringifySearch, text, texts } from "./search";

test("what is written is read again", () => {
  fc.assert(
    fc.property(
      fc.string({ unit: "grapheme", minLength: 1 }),
      fc.array(fc.string({ minLength: 1 }), { minLength: 2 }),
      (one, many) => {
        const read = parseSearch(stringifySearch({ one, many }));
        expect(text(read.one)).toBe(one.toWellFormed());
        expect(texts(read.many)).toEqual(many);
      },
    ),
  );
});

test("names of objects are names like others", () => {
  expect(text(parseSearch("?constructor=a&__proto__=b").constructor)).toBe("a");
  expect(text(parseSearch("?x=1").constructor)).toBeUndefined();
});

test("what cannot be read is dropped", () => {
  expect(number("x")).toBeUndefined();
  expect(number("")).toBeUndefined();
  expect(number("0.5")).toBe(0.5);
  expect(count("-1")).toBeUndefined();
  expect(count("1.5")).toBeUndefined();
  expect(count(["3", "4"])).toBe(3);
  expect(flag("1")).toBe(true);
  expect(flag(false)).toBe(false);
  expect(flag("yes")).toBeUndefined();
  expect(oneOf("b", ["a", "b"])).toBe("b");
  expect(oneOf("c", ["a", "b"])).toBeUndefined();
  expect(stringifySearch({ a: undefined, b: "", c: null })).toBe("");
});
