import fc from "fast-check";
import { expect, test } from "vitest";
import type { Schema } from "../api/client";
import { endsOf, newMessages } from "./turn";

function message(role: string, text = role): Schema["MessageOfSpan"] {
  const part = { type: "text", text, id: null, name: null, arguments: null, data: null } as const;
  return { role, parts: [part], name: null, finish_reason: null };
}

function span(id: string, kind: Schema["SkeletonSpan"]["kind"], offset_ms: number | null, duration_ms = 1) {
  return { id, kind, offset_ms, duration_ms } as Schema["SkeletonSpan"];
}

test("a turn holds what came since the last answer", () => {
  const prompt = [
    message("system"),
    message("user"),
    message("assistant"),
    message("tool"),
    message("user", "again"),
  ];
  expect(newMessages(prompt).map((each) => each.role)).toEqual(["tool", "user"]);
  expect(newMessages(prompt.slice(0, 2)).map((each) => each.role)).toEqual(["system", "user"]);
  expect(newMessages([])).toEqual([]);
});

test("what is new is the end of what was sent", () => {
  fc.assert(
    fc.property(fc.array(fc.constantFrom("system", "user", "assistant", "tool")), (roles) => {
      const found = newMessages(roles.map((role) => message(role)));
      expect(found.every((each) => each.role !== "assistant")).toBe(true);
      expect(found.length).toBeLessThanOrEqual(roles.length);
    }),
  );
});

test("the first generation was asked, the last to end answered", () => {
  const spans = [
    span("root", "agent", 0, 90),
    span("b", "llm", 20),
    span("t", "tool", 30),
    span("a", "llm", 10, 50),
  ];
  expect(endsOf(spans)).toEqual({ asked: "a", answered: "a" });
  expect(endsOf([...spans, span("c", "llm", 70)])).toEqual({ asked: "a", answered: "c" });
  expect(endsOf([span("root", "chain", 0)])).toEqual({ asked: "root", answered: "root" });
  expect(endsOf([])).toBeNull();
});
