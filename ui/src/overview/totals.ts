/** Steps added up. What is unknown in every step is unknown in all of them. */

import type { Schema } from "../api/client";

type Item = Schema["StepItem"];
type Summed = "traces" | "failed" | "generations" | "input_tokens" | "output_tokens" | "cost";

export interface Totals extends Pick<Item, Summed | "coverage" | "longest_span" | "cost_is_partial"> {}

export function totalsOf(items: readonly Item[]): Totals {
  const sum = (name: Summed): number | null =>
    items.reduce<number | null>((all, item) => (item[name] === null ? all : (all ?? 0) + item[name]), null);
  // A step counts as much as it has characters.
  const measured = items.filter(({ coverage, characters }) => coverage !== null && characters);
  const characters = measured.reduce((all, item) => all + (item.characters ?? 0), 0);
  const covered = measured.reduce((all, item) => all + (item.characters ?? 0) * (item.coverage ?? 0), 0);
  return {
    traces: sum("traces") ?? 0,
    failed: sum("failed") ?? 0,
    generations: sum("generations") ?? 0,
    input_tokens: sum("input_tokens"),
    output_tokens: sum("output_tokens"),
    cost: sum("cost"),
    // A step without any known cost makes the sum of the others partial.
    cost_is_partial:
      items.some((item) => item.cost_is_partial) ||
      (items.some((item) => item.cost !== null) &&
        items.some((item) => item.cost === null && item.generations > 0)),
    coverage: characters ? covered / characters : null,
    longest_span: items.reduce<number | null>(
      (most, { longest_span }) => (longest_span === null ? most : Math.max(most ?? 0, longest_span)),
      null,
    ),
  };
}
