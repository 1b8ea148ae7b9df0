/** A score or note as it is being written. */

import type { Schema } from "../api/client";

export interface Draft {
  name: string;
  /** As typed; empty: none. */
  value: string;
  text: string;
  comment: string;
  annotator: string;
}

/** What a note is called that is given no other name. */
export const NOTE = "note";

export interface Target {
  trace: string;
  /** None: the trace itself. */
  span?: string | undefined;
  project: string;
}

export function emptyDraft(annotator: string): Draft {
  return { name: "", value: "", text: "", comment: "", annotator };
}

export function draftOf(score: Schema["ScoreItem"]): Draft {
  return {
    name: score.name,
    value: score.value === null ? "" : String(score.value),
    text: score.text ?? "",
    comment: score.comment ?? "",
    annotator: score.annotator ?? "",
  };
}

/** Why a draft cannot be saved; null: it can. */
export function faultOf(draft: Draft): string | null {
  const value = draft.value.trim();
  if (value && !Number.isFinite(Number(value))) return "The score is a number, as 1, 0.5 or -3.";
  if (!value && !draft.text.trim() && !draft.comment.trim()) return "Give a score, a category or a note.";
  if (!draft.name.trim() && (value || draft.text.trim())) return "Say what is scored: give it a name.";
  return null;
}

/** What is sent. One that stands already keeps its id, what it is about and what else it holds. */
export function inputOf(
  draft: Draft,
  target: Target,
  before: Schema["ScoreItem"] | undefined,
): Schema["ScoreInput"] {
  const value = draft.value.trim();
  return {
    id: before?.id ?? null,
    project: before?.project ?? target.project,
    trace: before?.trace ?? target.trace,
    span: before ? before.span : (target.span ?? null),
    name: draft.name.trim() || NOTE,
    value: value ? Number(value) : null,
    text: draft.text.trim() || null,
    comment: draft.comment.trim() || null,
    annotator: draft.annotator.trim() || null,
    metadata: before?.metadata ?? {},
  };
}
