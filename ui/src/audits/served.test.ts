import { expect, test } from "vitest";
import { servedNames } from "./served";

const audited = (name: string, version: string) => ({ name, version, documents: null, tokens: null });
const item = (name: string, version: string, serving = true) => ({ name, version, serving });

test("the same version is the same index, whatever its name", () => {
  const served = servedNames([audited("demo.index", "1")], [item("demo", "2"), item("other", "1")]);
  expect([...served]).toEqual([["demo.index", "other"]]);
});

test("another version of the same name is the index as it is now", () => {
  expect(servedNames([audited("demo.index", "1")], [item("demo", "2")]).get("demo.index")).toBe("demo");
});

test("what is not served has no name", () => {
  const served = servedNames(
    [audited("demo", "1"), audited("gone", "")],
    [item("demo", "1", false), item("else", "")],
  );
  expect(served.size).toBe(0);
});
