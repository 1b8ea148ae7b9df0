/** What was found and is not shown, and what to do to see it. */

import type { Schema } from "../api/client";
import { plural } from "../ui/format";

type Reason = Schema["Withheld"];

const SENTENCES: Record<Reason, (count: number) => string> = {
  too_short: (count) =>
    `${passages(count)} shorter than the shortest that is kept. They are those that were met: short runs of words stand in any text. Lower “Shortest passage” to see them.`,
  density: (count) =>
    `${passages(count)} left out because only the rarest are shown. Choose “All” under “Passages shown” to see them.`,
  too_frequent: (count) =>
    `${passages(count)} left out because they stand in the indexes too often to say where they are from.`,
  no_live_document: (count) =>
    `${passages(count)} left out because the documents that they stood in were removed from the indexes.`,
};

export function withheldSentences(withheld: Partial<Record<Reason, number>>): string[] {
  return (Object.keys(SENTENCES) as Reason[]).flatMap((reason) => {
    const count = withheld[reason] ?? 0;
    return count > 0 ? [SENTENCES[reason](count)] : [];
  });
}

function passages(count: number): string {
  return `${plural(count, "passage")} ${count === 1 ? "is" : "are"}`;
}
