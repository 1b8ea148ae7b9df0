import { type ReadingSearch, readReading } from "../generation/search";
import { text } from "../url/search";

/** Text and prompt stand in the fragment, which is not sent to the service; the rest here. */
export interface TryingSearch extends ReadingSearch {
  /** Name of the sample that the text is of; without a fragment it is the text. */
  sample?: string | undefined;
}

export function readSearch(raw: Record<string, unknown>): TryingSearch {
  return { ...readReading(raw), sample: text(raw.sample) };
}
