/** The indexes of a report as the service has them: the same version under whatever name, or another of the same name. */

import type { Schema } from "../api/client";
import type { Report } from "./report";

/** The service's name by the report's. */
export type Served = ReadonlyMap<string, string>;

export function servedNames(
  indexes: Report["indexes"],
  items: readonly Pick<Schema["IndexModel"], "name" | "version" | "serving">[],
): Served {
  const here = items.filter(({ serving }) => serving);
  const pairs = indexes.flatMap(({ name, version }) => {
    const found =
      here.find((item) => version && item.version === version) ??
      here.find((item) => bare(item.name) === bare(name));
    return found ? [[name, found.name] as const] : [];
  });
  return new Map(pairs);
}

/** The service calls a folder by its name without the ending. */
function bare(name: string): string {
  return name.replace(/\.index$/, "");
}
