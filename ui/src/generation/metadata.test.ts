import fc from "fast-check";
import { expect, test } from "vitest";
import { originOf, webAddress } from "./metadata";

test("the usual keys are known, the rest stays as it is", () => {
  const origin = originOf({
    Title: " A speech ",
    date: "1800-11-22",
    year: 1800,
    source: "https://example.org/speech?x=1",
    site: "Archive",
    tags: ["a"],
  });
  expect(origin).toEqual({
    title: "A speech",
    date: "1800-11-22",
    source: "Archive",
    link: { address: "https://example.org/speech?x=1", host: "example.org" },
    rest: [
      ["year", "1800"],
      ["tags", '["a"]'],
    ],
  });
});

test("without metadata there is nothing", () => {
  expect(originOf({})).toEqual({ title: null, date: null, source: null, link: null, rest: [] });
  expect(originOf({ title: { not: "text" }, date: null }).title).toBeNull();
});

test("names of objects are names like others", () => {
  expect(originOf(JSON.parse('{"__proto__": "x", "constructor": "y"}')).rest).toHaveLength(2);
});

test.each([
  "javascript:alert(1)",
  "JaVaScRiPt:alert(1)",
  "data:text/html,x",
  " https://example.org",
  "//example.org",
  "https:example.org",
  "https://",
  "ftp://example.org",
  "java\nscript:alert(1)",
])("%j is no address of the web", (value) => expect(webAddress(value)).toBeNull());

test("nothing but http and https is ever a link", () => {
  fc.assert(
    fc.property(fc.oneof(fc.webUrl(), fc.string(), fc.string({ unit: "binary" })), (value) => {
      const found = webAddress(value);
      if (found) expect(found.address).toMatch(/^https?:\/\//);
    }),
  );
});
