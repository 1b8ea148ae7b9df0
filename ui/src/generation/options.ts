/** What a trace is asked to do: what the controls say, over what was asked before, over the preset. */

import type { Schema } from "../api/client";
import type { TraceControls } from "./search";

export type TraceOptions = Schema["OptionsModel"];

/** The options of each preset, as the service has them. */
export type Presets = Partial<Record<string, TraceOptions>>;

/** What holds where the controls say nothing. */
export interface TraceBase {
  preset: string;
  options?: TraceOptions | undefined;
  /** None: all that are served. */
  indexes?: readonly string[] | undefined;
}

export const PLAIN: TraceBase = { preset: "default" };

/** No more than what the controls can say. */
const NO_LIMIT = 1;

export interface Effective {
  preset: string;
  min_characters: number | undefined;
  /** 1: all spans are shown. */
  density: number | undefined;
  sentences: boolean | undefined;
  indexes: readonly string[] | undefined;
}

/** What a trace by these controls goes by; undefined: as the preset has it, which is not known here. */
export function effective(value: TraceControls, base: TraceBase = PLAIN, presets: Presets = {}): Effective {
  const options = optionsBelow(value, base, presets);
  const density = options.density === null ? NO_LIMIT : options.density;
  return {
    preset: value.preset ?? base.preset,
    min_characters: value.min_characters ?? options.min_characters ?? undefined,
    density: value.density ?? density,
    sentences: value.sentences ?? options.sentence_boundaries ?? undefined,
    indexes: value.indexes ?? base.indexes,
  };
}

/** A change of one control, which says nothing where it says what holds anyway. */
export function change(
  value: TraceControls,
  asked: Partial<TraceControls>,
  base: TraceBase = PLAIN,
  presets: Presets = {},
): Partial<TraceControls> {
  const next = { ...value, ...asked };
  const below = effective({ preset: next.preset }, base, presets);
  const result: Partial<TraceControls> = { ...asked };
  if ("preset" in asked && asked.preset === base.preset) result.preset = undefined;
  if ("min_characters" in asked && asked.min_characters === below.min_characters)
    result.min_characters = undefined;
  if ("density" in asked && asked.density === below.density) result.density = undefined;
  if ("sentences" in asked && asked.sentences === below.sentences) result.sentences = undefined;
  if ("indexes" in asked && base.indexes && sameNames(asked.indexes, base.indexes))
    result.indexes = undefined;
  return result;
}

/** Whether the controls ask for anything else than what holds anyway. */
export function isChanged(value: TraceControls): boolean {
  return [value.preset, value.min_characters, value.density, value.sentences, value.indexes].some(
    (each) => each !== undefined,
  );
}

export const UNCHANGED: Record<keyof TraceControls, undefined> = {
  preset: undefined,
  min_characters: undefined,
  density: undefined,
  sentences: undefined,
  indexes: undefined,
};

/** The body of a request to `/v1/trace`. */
export function traceRequest(
  text: string,
  prompt: string | null,
  value: TraceControls,
  base: TraceBase = PLAIN,
): Schema["TraceRequest"] {
  const preset = value.preset ?? base.preset;
  const options: TraceOptions = preset === base.preset ? { ...base.options } : {};
  if (value.min_characters !== undefined) options.min_characters = value.min_characters;
  if (value.density !== undefined) options.density = value.density;
  if (value.sentences !== undefined) options.sentence_boundaries = value.sentences;
  const indexes = value.indexes ?? base.indexes;
  return {
    text,
    prompt,
    preset: preset === "olmotrace" ? "olmotrace" : "default",
    options,
    ...(indexes?.length ? { indexes: [...indexes] } : {}),
  };
}

/** The options that hold below the controls: another preset takes nothing over from what was asked before. */
function optionsBelow(value: TraceControls, base: TraceBase, presets: Presets): TraceOptions {
  const preset = value.preset ?? base.preset;
  return { ...presets[preset], ...(preset === base.preset ? base.options : {}) };
}

function sameNames(some: readonly string[] | undefined, others: readonly string[]): boolean {
  return some !== undefined && some.length === others.length && some.every((name) => others.includes(name));
}
