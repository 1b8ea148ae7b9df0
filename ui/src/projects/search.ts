import { text } from "../url/search";

export interface ProjectsSearch {
  /** Name of the project whose settings are shown. */
  settings?: string | undefined;
}

export function readSearch(raw: Record<string, unknown>): ProjectsSearch {
  return { settings: text(raw.settings) };
}
