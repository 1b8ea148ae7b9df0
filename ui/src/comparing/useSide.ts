/** What one side of the comparison is made of. */

import { shownPart } from "../generation/parts";
import { useGeneration, useGenerationSpan } from "../generation/queries";
import { useShownProvenance } from "../generation/useShownProvenance";
import { type ComparingSearch, readingOf, type Side } from "./search";

export function useSide(side: Side, search: ComparingSearch) {
  const reading = readingOf(search, side);
  // Outputs of two projects may be compared, so the page's own project does not narrow the search.
  const query = useGeneration(search[side] ?? "", search[`${side}_project`]);
  const generation = query.data;
  const span = useGenerationSpan(generation).data;
  const place = shownPart(generation?.parts ?? [], reading.part);
  const part = generation?.parts[place];
  const { provenance } = useShownProvenance({ generation, part, span, search: reading });
  return { side, query, generation, span, place, part, reading, provenance };
}

export type SideState = ReturnType<typeof useSide>;
