import { expect, test } from "vitest";
import { changedVersions, versionsOf } from "./versions";

test("a result that is of the same versions is the same", () => {
  expect(changedVersions(versionsOf([{ name: "a", version: "1" }]), { a: "1" })).toEqual([]);
  expect(changedVersions(null, { a: "1" })).toEqual([]);
});

test("what changed is named", () => {
  expect(changedVersions({ a: "1", b: "1" }, { a: "2", b: "1" })).toEqual(["the index “a”"]);
  expect(changedVersions({ a: "1" }, { a: "1", b: "1" })).toEqual(["the set of indexes that are searched"]);
  expect(changedVersions({ a: "1", b: "1" }, { a: "1" })).toEqual(["the set of indexes that are searched"]);
});
