/** What the keys do in a tree, as the ARIA pattern for trees has it. */

import type { Node } from "./spans";

export type TreeAction =
  | { kind: "move"; to: number }
  | { kind: "open"; place: number }
  | { kind: "close"; place: number }
  | { kind: "select"; place: number }
  /** All of its siblings that can be. */
  | { kind: "openSiblings"; of: number };

interface TreeState {
  nodes: readonly Node[];
  /** Places of the rows, from the top. */
  rows: readonly number[];
  closed: ReadonlySet<number>;
  /** Place of the row that the keys act on. */
  active: number;
  /** Rows that fit in what is seen. */
  page: number;
}

/** What a key does; null: it is none of the tree's. */
export function actionOf(key: string, { nodes, rows, closed, active, page }: TreeState): TreeAction | null {
  const row = rowOf(rows, active);
  const node = nodes[active];
  const first = rows[0];
  const last = rows.at(-1);
  if (first === undefined || last === undefined) return null;
  const to = (place: number | undefined): TreeAction => ({ kind: "move", to: place ?? active });
  if (row < 0 || !node) return ["ArrowDown", "ArrowUp", "Home", "End"].includes(key) ? to(first) : null;
  switch (key) {
    case "ArrowDown":
      return to(rows[Math.min(row + 1, rows.length - 1)]);
    case "ArrowUp":
      return to(rows[Math.max(row - 1, 0)]);
    case "PageDown":
      return to(rows[Math.min(row + page, rows.length - 1)]);
    case "PageUp":
      return to(rows[Math.max(row - page, 0)]);
    case "Home":
      return to(first);
    case "End":
      return to(last);
    case "ArrowRight":
      if (node.descendants === 0) return to(active);
      return closed.has(active) ? { kind: "open", place: active } : to(rows[row + 1]);
    case "ArrowLeft":
      if (node.descendants > 0 && !closed.has(active)) return { kind: "close", place: active };
      return to(node.parent ?? active);
    case "*":
      return { kind: "openSiblings", of: active };
    case "Enter":
    case " ":
      return { kind: "select", place: active };
    default:
      return null;
  }
}

/** Which row a place is in; -1: in none. The places of rows ascend. */
export function rowOf(rows: readonly number[], place: number): number {
  let low = 0;
  let high = rows.length - 1;
  while (low <= high) {
    const middle = (low + high) >> 1;
    const found = rows[middle] ?? 0;
    if (found === place) return middle;
    if (found < place) low = middle + 1;
    else high = middle - 1;
  }
  return -1;
}
