/** The columns of the table: what each is called and shows. */

import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { formatCost, formatCount, formatDuration, formatTime, UNKNOWN } from "../../ui/format";
import { Badge, type Tone } from "../../ui/layout";
import { Share } from "../../ui/Share";
import { belowClass, type Column, linkClass } from "../../ui/Table";
import style from "./columns.module.css";
import { STATE_NAMES, STATUS_NAMES } from "./filters";
import type { Item } from "./pages";

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

function nameColumn(withProject: boolean): Column<Item> {
  return {
    name: "name",
    label: "Name",
    kind: "lead",
    cell: (item) => (
      <>
        <Link
          to="/traces/$traceId"
          params={{ traceId: item.id }}
          search={{ project: item.project }}
          className={linkClass}
        >
          {item.name || "Without a name"}
        </Link>
        <span className={belowClass} aria-hidden="true">
          {[withProject ? item.project : null, item.model].filter(Boolean).join(" · ")}
        </span>
      </>
    ),
  };
}

const COLUMNS: readonly Column<Item>[] = [
  {
    name: "start",
    label: "Start",
    kind: "lead",
    cell: (item) => (
      <time dateTime={item.start} title={item.start}>
        {formatTime(item.start)}
      </time>
    ),
  },
  { name: "project", label: "Project", kind: "spare", cell: (item) => foreign(item.project) },
  { name: "model", label: "Model", kind: "spare", cell: (item) => foreign(item.model) },
  {
    name: "status",
    label: "Status",
    cell: (item) => <Badge tone={STATUS_TONES[item.status]}>{STATUS_NAMES[item.status]}</Badge>,
  },
  {
    name: "generations",
    label: "Generations",
    kind: "number",
    cell: (item) => formatCount(item.generations),
  },
  { name: "coverage", label: "Coverage", kind: "number", cell: (item) => <Share of={item.coverage} /> },
  { name: "longest", label: "Longest span", kind: "number", cell: (item) => formatCount(item.longest_span) },
  {
    name: "tokens",
    label: "Tokens in / out",
    kind: "number",
    cell: (item) =>
      item.input_tokens === null && item.output_tokens === null
        ? UNKNOWN
        : `${formatCount(item.input_tokens)} / ${formatCount(item.output_tokens)}`,
  },
  {
    name: "cost",
    label: "Cost",
    kind: "number",
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
  { name: "duration", label: "Duration", kind: "number", cell: (item) => formatDuration(item.duration_ms) },
  {
    name: "provenance",
    label: "Provenance",
    cell: ({ provenance }) =>
      provenance === null ? UNKNOWN : <Badge tone={STATE_TONES[provenance]}>{STATE_NAMES[provenance]}</Badge>,
  },
];

/** Of the traces of one project, and of all. */
export const OF_ONE = COLUMNS.filter((column) => column.name !== "project").toSpliced(
  1,
  0,
  nameColumn(false),
);
export const OF_ALL = COLUMNS.toSpliced(1, 0, nameColumn(true));
