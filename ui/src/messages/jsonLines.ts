/** JSON as lines of which each can be drawn by itself, with objects and lists that open and close. */

import { childrenOf, isContainer, type Json, pointerTo } from "./structured";

export interface JsonLine {
  /** JSON pointer of what the line shows. */
  pointer: string;
  depth: number;
  /** Null: it is the root, or a member of a list. */
  key: string | null;
  /** `leaf`: a value in whole. `open` and `end`: the brackets around what is shown. `closed`: both, and nothing shown. */
  kind: "leaf" | "open" | "end" | "closed";
  value: Json;
  /** How many values are in it. */
  size: number;
  /** A comma follows it. */
  more: boolean;
}

/** Lines that are shown at first, about. */
const FIRST = 60;

/** Pointers of the objects and lists that are open at first: the outer ones before the inner ones. */
export function openAtFirst(root: Json, lines = FIRST): ReadonlySet<string> {
  const open = new Set<string>();
  let left = lines;
  let level: [string, Json][] = [["", root]];
  while (level.length && left > 0) {
    const next: [string, Json][] = [];
    for (const [pointer, value] of level) {
      const children = childrenOf(value);
      if (!children.length || (children.length > left && pointer !== "")) continue;
      open.add(pointer);
      left -= children.length + 1;
      for (const [key, child] of children)
        if (isContainer(child)) next.push([pointerTo(pointer, key), child]);
    }
    level = next;
  }
  return open;
}

/** Every object and list that holds anything. */
export function openAll(root: Json): ReadonlySet<string> {
  return openAtFirst(root, Number.POSITIVE_INFINITY);
}

export function jsonLines(root: Json, open: ReadonlySet<string>): JsonLine[] {
  const lines: JsonLine[] = [];
  const add = (pointer: string, depth: number, key: string | null, value: Json, more: boolean) => {
    const children = childrenOf(value);
    const line = { pointer, depth, key, value, size: children.length };
    if (!children.length) {
      lines.push({ ...line, kind: "leaf", more });
    } else if (!open.has(pointer)) {
      lines.push({ ...line, kind: "closed", more });
    } else {
      lines.push({ ...line, kind: "open", more: false });
      const isList = Array.isArray(value);
      children.forEach(([name, child], place) => {
        add(
          pointerTo(pointer, name),
          depth + 1,
          isList ? null : String(name),
          child,
          place < children.length - 1,
        );
      });
      lines.push({ ...line, kind: "end", key: null, more });
    }
  };
  add("", 0, null, root, false);
  return lines;
}
