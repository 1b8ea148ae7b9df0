/**
 * The roles of a table for boxes that are laid out freely: its rows are drawn only where they are seen, which the
 * elements of a real table do not allow.
 */

import type { KeyboardEvent } from "react";

interface TableRole {
  label: string;
  /** Without the heading; -1: unknown. */
  rows: number;
  columns: number;
  busy?: boolean;
  onKeyDown?: (event: KeyboardEvent) => void;
}

export function asTable({ label, rows, columns, busy = false, onKeyDown }: TableRole) {
  return {
    role: "table",
    "aria-label": label,
    "aria-rowcount": rows < 0 ? -1 : rows + 1,
    "aria-colcount": columns,
    "aria-busy": busy,
    onKeyDown,
  } as const;
}

/** The heading's is row 1. */
export function asRow(row: number) {
  return { role: "row", "aria-rowindex": row } as const;
}

export const asRowGroup = { role: "rowgroup" } as const;
export const asColumnHeader = { role: "columnheader" } as const;
export const asCell = { role: "cell" } as const;
