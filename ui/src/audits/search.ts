import { text } from "../url/search";

export interface AuditSearch {
  /** The group whose curves are drawn: a field and one of its values; none: all outputs. */
  field?: string | undefined;
  group?: string | undefined;
  /** The measure by which groups are compared. */
  measure?: string | undefined;
}

export function readSearch(raw: Record<string, unknown>): AuditSearch {
  return { field: text(raw.field), group: text(raw.group), measure: text(raw.measure) };
}
