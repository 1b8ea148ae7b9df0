import { expect, test } from "vitest";
import { change, effective, isChanged, traceRequest, UNCHANGED } from "./options";

const presets = {
  default: { min_characters: 20, density: 0.05, sentence_boundaries: false },
  olmotrace: { min_characters: 1, density: 0.05, sentence_boundaries: true },
};
const base = { preset: "default", options: { min_characters: 30 }, indexes: ["demo"] };

test("controls stand over what was asked before, that over the preset", () => {
  expect(effective({}, undefined, presets)).toMatchObject({
    preset: "default",
    min_characters: 20,
    density: 0.05,
  });
  expect(effective({}, base, presets)).toMatchObject({
    min_characters: 30,
    sentences: false,
    indexes: ["demo"],
  });
  expect(effective({ min_characters: 5 }, base, presets).min_characters).toBe(5);
  expect(effective({ preset: "olmotrace" }, base, presets)).toMatchObject({
    min_characters: 1,
    sentences: true,
  });
  expect(effective({}, { preset: "default", options: { density: null } }, presets).density).toBe(1);
  expect(effective({}).min_characters).toBeUndefined();
});

test("what holds anyway is not asked for", () => {
  expect(change({}, { min_characters: 30 }, base, presets).min_characters).toBeUndefined();
  expect(change({}, { min_characters: 20 }, base, presets).min_characters).toBe(20);
  expect(change({ preset: "olmotrace" }, { sentences: true }, base, presets).sentences).toBeUndefined();
  expect(change({}, { preset: "default" }, base, presets).preset).toBeUndefined();
  expect(change({}, { indexes: ["demo"] }, base).indexes).toBeUndefined();
  expect(change({}, { indexes: ["other"] }, base).indexes).toEqual(["other"]);
});

test("changed is what asks for anything", () => {
  expect(isChanged(UNCHANGED)).toBe(false);
  expect(isChanged({ sentences: false })).toBe(true);
});

test("a request has what was asked before where the preset is the same", () => {
  expect(traceRequest("text", "prompt", { density: 1 }, base)).toEqual({
    text: "text",
    prompt: "prompt",
    preset: "default",
    options: { min_characters: 30, density: 1 },
    indexes: ["demo"],
  });
  expect(
    traceRequest("text", null, { preset: "olmotrace", sentences: false }, { preset: "default" }),
  ).toEqual({
    text: "text",
    prompt: null,
    preset: "olmotrace",
    options: { sentence_boundaries: false },
  });
});
