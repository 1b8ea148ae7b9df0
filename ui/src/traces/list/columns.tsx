/** The columns of the table: what each is called and shows. */

import type { ReactNode } from "react";
import { formatCost, formatCount, formatDuration, formatTime, UNKNOWN } from "../../ui/format";
import { Badge, type Tone } from "../../ui/layout";
import { CoverageCell } from "./CoverageCell";
import { STATE_NAMES, STATUS_NAMES } from "./filters";
import type { Item } from "./pages";
import style from "./table.module.css";

export interface Column {
  /** Also its class. */
  name:
    | "start"
    | "name"
    | "project"
    | "model"
    | "status"
    | "generations"
    | "coverage"
    | "longest"
    | "tokens"
    | "cost"
    | "duration"
    | "provenance";
  label: string;
  cell: (item: Item) => ReactNode;
}

const STATUS_TONES: Record<Item["status"], Tone> = { ok: "good", error: "bad", unset: "neutral" };

const STATE_TONES: Record<NonNullable<Item["provenance"]>, Tone> = {
  pending: "warn",
  done: "good",
  failed: "bad",
  nothing: "neutral",
};

function foreign(text: string | null): ReactNode {
  return text === null ? UNKNOWN : <span className={`${style.cut} foreign`}>{text}</span>;
}

export const COLUMNS: readonly Column[] = [
  {
    name: "start",
    label: "Start",
    cell: (item) => (
      <time dateTime={item.start} title={item.start}>
        {formatTime(item.start)}
      </time>
    ),
  },
  { name: "name", label: "Name", cell: (item) => item.name },
  { name: "project", label: "Project", cell: (item) => foreign(item.project) },
  { name: "model", label: "Model", cell: (item) => foreign(item.model) },
  {
    name: "status",
    label: "Status",
    cell: (item) => <Badge tone={STATUS_TONES[item.status]}>{STATUS_NAMES[item.status]}</Badge>,
  },
  { name: "generations", label: "Generations", cell: (item) => formatCount(item.generations) },
  { name: "coverage", label: "Coverage", cell: (item) => <CoverageCell share={item.coverage} /> },
  { name: "longest", label: "Longest span", cell: (item) => formatCount(item.longest_span) },
  {
    name: "tokens",
    label: "Tokens in / out",
    cell: (item) =>
      item.input_tokens === null && item.output_tokens === null
        ? UNKNOWN
        : `${formatCount(item.input_tokens)} / ${formatCount(item.output_tokens)}`,
  },
  {
    name: "cost",
    label: "Cost",
    cell: (item) => (
      <>
        {formatCost(item.cost)}
        {item.cost !== null && item.cost_is_partial ? (
          <span className={style.partial} title="There are generations whose cost is unknown.">
            {" "}
            partial
          </span>
        ) : null}
      </>
    ),
  },
  { name: "duration", label: "Duration", cell: (item) => formatDuration(item.duration_ms) },
  {
    name: "provenance",
    label: "Provenance",
    cell: ({ provenance }) =>
      provenance === null ? UNKNOWN : <Badge tone={STATE_TONES[provenance]}>{STATE_NAMES[provenance]}</Badge>,
  },
];
