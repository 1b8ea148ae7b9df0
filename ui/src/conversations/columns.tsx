import { Link } from "@tanstack/react-router";
import type { Schema } from "../api/client";
import { formatCost, formatCount, formatDuration, formatTime, UNKNOWN } from "../ui/format";
import { Badge } from "../ui/layout";
import { Share } from "../ui/Share";
import { belowClass, type Column, linkClass } from "../ui/Table";
import { addressOf } from "./address";
import style from "./conversations.module.css";
import { shownId } from "./shownId";

type Item = Schema["SessionItem"];

export function sessionKey({ project, id }: Pick<Item, "project" | "id">): string {
  return `${project.length} ${project}${id}`;
}

function idColumn(withProject: boolean): Column<Item> {
  return {
    name: "id",
    label: "Session",
    kind: "lead",
    cell: (item) => (
      <>
        <Link to="/conversations/$sessionId" {...addressOf(item.id, item.project)} className={linkClass}>
          {shownId(item.id)}
        </Link>
        {withProject ? (
          <span className={belowClass} aria-hidden="true">
            {item.project}
          </span>
        ) : null}
      </>
    ),
  };
}

const COLUMNS: readonly Column<Item>[] = [
  {
    name: "start",
    label: "Start",
    kind: "lead",
    cell: (item) => <time dateTime={item.start ?? undefined}>{formatTime(item.start)}</time>,
  },
  {
    name: "project",
    label: "Project",
    kind: "spare",
    cell: (item) => <span className={`${style.cut} foreign`}>{item.project}</span>,
  },
  { name: "traces", label: "Traces", kind: "number", cell: (item) => formatCount(item.traces) },
  {
    name: "generations",
    label: "Generations",
    kind: "number",
    cell: (item) => formatCount(item.generations),
  },
  {
    name: "errors",
    label: "Errors",
    kind: "number",
    cell: (item) =>
      item.errors ? <Badge tone="bad">{formatCount(item.errors)}</Badge> : formatCount(item.errors),
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
  { name: "cost", label: "Cost", kind: "number", cell: (item) => formatCost(item.cost) },
  { name: "duration", label: "Duration", kind: "number", cell: (item) => formatDuration(item.duration_ms) },
];

/** Of the sessions of one project, and of all. */
export const OF_ONE = COLUMNS.filter((column) => column.name !== "project").toSpliced(1, 0, idColumn(false));
export const OF_ALL = COLUMNS.toSpliced(1, 0, idColumn(true));
