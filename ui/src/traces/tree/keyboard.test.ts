import { describe, expect, it } from "vitest";
import { actionOf, rowOf } from "./keyboard";
import { shownPlaces } from "./spans";

// 0 ┬ 1 ─ 2
//   └ 3
// 4
const NODES = [
  { parent: null, depth: 0, descendants: 3 },
  { parent: 0, depth: 1, descendants: 1 },
  { parent: 1, depth: 2, descendants: 0 },
  { parent: 0, depth: 1, descendants: 0 },
  { parent: null, depth: 0, descendants: 0 },
];

function press(key: string, active: number, ...closed: number[]) {
  const shut = new Set(closed);
  return actionOf(key, { nodes: NODES, rows: shownPlaces(NODES, shut), closed: shut, active, page: 2 });
}

describe("actionOf", () => {
  it.each([
    ["ArrowDown", 0, 1],
    ["ArrowDown", 4, 4],
    ["ArrowUp", 3, 2],
    ["ArrowUp", 0, 0],
    ["Home", 3, 0],
    ["End", 0, 4],
    ["PageDown", 0, 2],
    ["PageUp", 4, 2],
    ["ArrowRight", 0, 1],
    ["ArrowLeft", 2, 1],
    ["ArrowLeft", 4, 4],
  ])("%s from %d goes to %d", (key, active, to) => {
    expect(press(key, active)).toEqual({ kind: "move", to });
  });

  it("passes what is closed over", () => {
    expect(press("ArrowDown", 1, 1)).toEqual({ kind: "move", to: 3 });
  });

  it("opens and closes before it moves", () => {
    expect(press("ArrowRight", 1, 1)).toEqual({ kind: "open", place: 1 });
    expect(press("ArrowLeft", 1)).toEqual({ kind: "close", place: 1 });
    expect(press("ArrowLeft", 1, 1)).toEqual({ kind: "move", to: 0 });
    expect(press("*", 1)).toEqual({ kind: "openSiblings", of: 1 });
  });

  it("selects by Enter and by the space bar", () => {
    expect(press("Enter", 3)).toEqual({ kind: "select", place: 3 });
    expect(press(" ", 3)).toEqual({ kind: "select", place: 3 });
  });

  it("leaves other keys alone, and begins anywhere", () => {
    expect(press("Tab", 0)).toBeNull();
    expect(press("ArrowDown", -1)).toEqual({ kind: "move", to: 0 });
    expect(press("Enter", -1)).toBeNull();
  });
});

describe("rowOf", () => {
  it("finds the row of a place that is shown", () => {
    const rows = [0, 3, 4, 9];
    expect([0, 3, 4, 9, 1, 10].map((place) => rowOf(rows, place))).toEqual([0, 1, 2, 3, -1, -1]);
  });
});
