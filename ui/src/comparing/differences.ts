/** What two provenances have in common, and by how much they differ. */

import type { Schema } from "../api/client";
import { bitsOf, longestOf, rarestOf } from "../generation/rarity";

type Provenance = Schema["ProvenanceModel"];

export interface Figures {
  coverage: number;
  shown: number;
  longest: number;
  passages: number;
  documents: number;
  /** Of the rarest passage; null: there is none. */
  bits: number | null;
}

export function figuresOf(provenance: Provenance): Figures {
  const rarest = provenance.spans[rarestOf(provenance.spans) ?? -1];
  return {
    coverage: provenance.coverage,
    shown: provenance.shown_coverage,
    longest: longestOf(provenance.spans),
    passages: provenance.spans.length,
    documents: provenance.documents.length,
    bits: rarest ? bitsOf(rarest.log_probability) : null,
  };
}

export interface SharedPassage {
  text: string;
  /** Places of its first occurrence in the spans of each side. */
  left: number;
  right: number;
}

/** Passages that stand on both sides with the same text, the longest first. */
export function sharedPassages(left: Provenance, right: Provenance): SharedPassage[] {
  const byText = new Map<string, number>();
  right.spans.forEach((span, place) => {
    if (!byText.has(span.text)) byText.set(span.text, place);
  });
  const seen = new Set<string>();
  const shared = left.spans.flatMap((span, place) => {
    const other = byText.get(span.text);
    if (other === undefined || seen.has(span.text)) return [];
    seen.add(span.text);
    return [{ text: span.text, left: place, right: other }];
  });
  return shared.sort((one, other) => other.text.length - one.text.length);
}

/** How many documents, by index and id, both sides quote. */
export function countSharedDocuments(left: Provenance, right: Provenance): number {
  const names = new Set(left.documents.map(nameOf));
  return new Set(right.documents.map(nameOf).filter((name) => names.has(name))).size;
}

function nameOf(document: Schema["DocumentModel"]): string {
  return JSON.stringify([document.index, document.id]);
}
