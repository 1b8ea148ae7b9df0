/** A trace's spans as a list, parents before children, each with how many of the next ones are below it. */

import type { Schema } from "../../api/client";

export type Span = Schema["SkeletonSpan"];

/** What a tree is made of. */
export type Node = Pick<Span, "parent" | "depth" | "descendants">;

/**
 * Places of the nodes that are shown: none below a closed one, and, where `kept` is given, only those that it keeps.
 * Of a node that is kept all that it is in is kept too.
 */
export function shownPlaces(
  nodes: readonly Node[],
  closed: ReadonlySet<number>,
  kept: Uint8Array | null = null,
): number[] {
  const shown: number[] = [];
  let place = 0;
  while (place < nodes.length) {
    const below = Math.max(0, nodes[place]?.descendants ?? 0);
    const isKept = kept === null || kept[place] === 1;
    if (isKept) shown.push(place);
    place += !isKept || closed.has(place) ? below + 1 : 1;
  }
  return shown;
}

/** The nodes that match, and those that they are in: 1 each, all others 0. */
export function keptPlaces<T extends Node>(nodes: readonly T[], matches: (node: T) => boolean): Uint8Array {
  const kept = new Uint8Array(nodes.length);
  for (let place = nodes.length - 1; place >= 0; place -= 1) {
    const node = nodes[place];
    if (!node) continue;
    if (kept[place] === 0 && matches(node)) kept[place] = 1;
    if (kept[place] === 1 && node.parent !== null) kept[node.parent] = 1;
  }
  return kept;
}

/** The nodes that a node is in, the nearest first. */
export function ancestorsOf(nodes: readonly Node[], place: number): number[] {
  const found: number[] = [];
  let parent = nodes[place]?.parent ?? null;
  while (parent !== null && found.length < nodes.length) {
    found.push(parent);
    parent = nodes[parent]?.parent ?? null;
  }
  return found;
}

/** Everything that can be closed. */
export function allClosed(nodes: readonly Node[]): Set<number> {
  const closed = new Set<number>();
  nodes.forEach((node, place) => {
    if (node.descendants > 0) closed.add(place);
  });
  return closed;
}

/** How many siblings each node has, itself among them, and which of them it is, from 1. */
export interface Siblings {
  position: Uint32Array;
  count: Uint32Array;
}

export function siblingsOf(nodes: readonly Node[]): Siblings {
  const position = new Uint32Array(nodes.length);
  const count = new Uint32Array(nodes.length);
  const ofParent = new Uint32Array(nodes.length + 1);
  const slot = (node: Node) => (node.parent === null ? nodes.length : node.parent);
  nodes.forEach((node, place) => {
    const at = slot(node);
    ofParent[at] = (ofParent[at] ?? 0) + 1;
    position[place] = ofParent[at];
  });
  nodes.forEach((node, place) => {
    count[place] = ofParent[slot(node)] ?? 0;
  });
  return { position, count };
}
