/** Documents by how much they have in common with prompt and output. */

import type { Schema } from "../api/client";
import { RELEVANCE } from "./search";

export type Level = Schema["Relevance"];

export const LEVEL_NAMES: Record<Level, string> = {
  high: "High relevance",
  medium: "Medium relevance",
  low: "Low relevance",
};

/** Whether a level is at least `least`; no level (no documents) is below all of them. */
export function isAtLeast(level: Level | null, least: Level | undefined): boolean {
  if (least === undefined) return true;
  return level !== null && RELEVANCE.indexOf(level) <= RELEVANCE.indexOf(least);
}

export interface PlacedDocument {
  document: Schema["DocumentModel"];
  /** Its place in the provenance's documents. */
  place: number;
}

export interface Group {
  level: Level;
  documents: PlacedDocument[];
}

interface Chosen {
  /** Place of the selected span; none: documents of all spans. */
  span?: number | undefined;
  least?: Level | undefined;
}

/** The documents that are asked for, the most relevant level first; levels without any are left out. */
export function groupDocuments(
  provenance: Pick<Schema["ProvenanceModel"], "documents" | "spans">,
  { span, least }: Chosen = {},
): Group[] {
  const selected = span === undefined ? undefined : provenance.spans[span];
  const wanted = selected ? new Set(selected.documents) : undefined;
  const groups: Group[] = RELEVANCE.map((level) => ({ level, documents: [] }));
  provenance.documents.forEach((document, place) => {
    if (wanted && !wanted.has(place)) return;
    if (!isAtLeast(document.relevance, least)) return;
    groups.find((group) => group.level === document.relevance)?.documents.push({ document, place });
  });
  return groups.filter((group) => group.documents.length > 0);
}

export function countDocuments(
  provenance: Pick<Schema["ProvenanceModel"], "documents" | "spans">,
  chosen: Chosen = {},
): number {
  return groupDocuments(provenance, chosen).reduce((sum, group) => sum + group.documents.length, 0);
}
