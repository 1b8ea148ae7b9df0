import { expect, test } from "vitest";
import { verificationOf } from "./verification";

const time = "2026-11-01T10:00:00Z";

test.each([
  [null, "neutral", "never noted"],
  [{ time, version: "a", findings: 0 }, "good", "whole, "],
  [{ time, version: "a", findings: 1 }, "bad", "1 fault, "],
  [{ time, version: "b", findings: 3 }, "neutral", "an earlier version, "],
])("%j", (verified, tone, words) => {
  const said = verificationOf({ version: "a", verified });
  expect(said.tone).toBe(tone);
  expect(said.words).toContain(words);
});
