/** How long traces are kept, in words. */

import { plural } from "../ui/format";

/** `usual`: where the project does not say; undefined: it is not known, null: they are never deleted. */
export function keptFor(days: number | null, usual: number | null | undefined): string {
  if (days !== null) return plural(days, "day");
  if (usual === undefined) return "as the service says";
  return usual === null ? "for good" : `${plural(usual, "day")}, as the service says`;
}
