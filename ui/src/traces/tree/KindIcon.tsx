/** What a span did, as a sign beside its name; the word stands beside it or in the row's name. */

import type { Schema } from "../../api/client";
import style from "./KindIcon.module.css";

/** Lines in a box of 16 by 16. */
const PATHS: Record<Schema["Kind"], string> = {
  llm: "M2 3h12v8H8l-3 3v-3H2z M5 6h6 M5 8.5h4",
  embedding: "M3 2v11h11 M6 9h.01 M8 6h.01 M11 8h.01 M12 4h.01 M9 10.5h.01",
  retriever: "M7 3a4 4 0 1 1 0 8a4 4 0 1 1 0-8 M10 10l4 4",
  reranker: "M3 4h10 M3 8h7 M3 12h4",
  tool: "M13.5 4.5l-2.3 2.3l-2-2l2.3-2.3a3.6 3.6 0 0 0-4.7 4.7L2.5 11.500l2 2l4.300-4.300a3.6 3.6 0 0 0 4.7-4.7z",
  agent: "M3 6h10v7H3z M8 6V3 M6 9v1 M10 9v1 M1 9v2 M15 9v2",
  chain: "M2 5h4v6H2z M10 5h4v6h-4z M6 8h4",
  guardrail: "M8 2l5 2v4c0 3-2 5-5 6c-3-1-5-3-5-6V4z",
  evaluator: "M8 2a6 6 0 1 1 0 12a6 6 0 1 1 0-12 M5.500 8l2 2l3.500-4",
  prompt: "M3 4l4 4l-4 4 M8.500 12H13",
  other: "M8 5a3 3 0 1 1 0 6a3 3 0 1 1 0-6",
};

export function KindIcon({ kind }: { kind: Schema["Kind"] }) {
  return (
    <svg className={style.icon} data-kind={kind} viewBox="0 0 16 16" aria-hidden="true" focusable="false">
      <path d={PATHS[kind]} />
    </svg>
  );
}
