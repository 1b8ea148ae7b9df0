/** How a project is traced, as its controls show it and as it is stored. */

import type { Schema } from "../api/client";
import type { TraceControls } from "../generation/search";

export type TracingSettings = Schema["TracingSettings"];

const NO_LIMIT = 1;

export function controlsOf(stored: TracingSettings): TraceControls {
  const { min_characters, density, sentence_boundaries } = stored.options ?? {};
  return {
    indexes: stored.indexes ?? undefined,
    preset: stored.preset === "olmotrace" ? "olmotrace" : undefined,
    min_characters: min_characters ?? undefined,
    density: density === null ? NO_LIMIT : density,
    sentences: sentence_boundaries ?? undefined,
  };
}

/** What is to be stored. Options that have no control stay, as long as the preset does. */
export function settingsOf(controls: TraceControls, stored: TracingSettings): TracingSettings {
  const preset = controls.preset ?? "default";
  const options: Schema["OptionsModel"] = {};
  if (preset === (stored.preset ?? "default")) {
    Object.assign(options, stored.options);
    for (const name of ["min_characters", "density", "sentence_boundaries"] as const) delete options[name];
  }
  if (controls.min_characters !== undefined) options.min_characters = controls.min_characters;
  if (controls.density !== undefined) options.density = controls.density;
  if (controls.sentences !== undefined) options.sentence_boundaries = controls.sentences;
  return {
    indexes: controls.indexes ?? null,
    preset,
    options,
    snippet_quota_bytes: stored.snippet_quota_bytes ?? null,
  };
}

/** Whether the service's own settings go before what is stored for the project. */
export function isOverruled({ stored, effective }: Schema["ProjectTracingModel"]): boolean {
  if (effective.preset !== (stored.preset ?? "default")) return true;
  if ([...effective.indexes].sort().join("\n") !== [...(stored.indexes ?? [])].sort().join("\n")) return true;
  return Object.entries(stored.options ?? {}).some(
    ([name, value]) => (effective.options as Record<string, unknown>)[name] !== value,
  );
}
