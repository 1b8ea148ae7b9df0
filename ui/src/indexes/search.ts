import { text } from "../url/search";

export interface IndexSearch {
  phrase?: string | undefined;
}

export function readSearch(raw: Record<string, unknown>): IndexSearch {
  return { phrase: text(raw.phrase) };
}
