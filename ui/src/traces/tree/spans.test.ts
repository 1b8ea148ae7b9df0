import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { allClosed, ancestorsOf, keptPlaces, type Node, shownPlaces, siblingsOf } from "./spans";

/** Any forest in the order of the service: parents before children, with the number of those below. */
const forests = fc.array(fc.nat(), { maxLength: 40 }).map((picks): Node[] => {
  const nodes: { parent: number | null; depth: number; descendants: number }[] = [];
  let path: number[] = [];
  picks.forEach((pick, place) => {
    path = path.slice(0, pick % (path.length + 1));
    const parent = path.at(-1) ?? null;
    nodes.push({ parent, depth: path.length, descendants: 0 });
    for (const above of path) {
      const node = nodes[above];
      if (node) node.descendants += 1;
    }
    path.push(place);
  });
  return nodes;
});

const forestsAndMarks = forests.chain((nodes) =>
  fc.tuple(fc.constant(nodes), fc.array(fc.boolean(), { minLength: nodes.length, maxLength: nodes.length })),
);

function isInside(nodes: readonly Node[], place: number, of: (above: number) => boolean): boolean {
  return ancestorsOf(nodes, place).some(of);
}

describe("shownPlaces", () => {
  it("shows a node if nothing that it is in is closed", () => {
    fc.assert(
      fc.property(forestsAndMarks, ([nodes, marks]) => {
        const closed = new Set([...nodes.keys()].filter((place) => marks[place]));
        const naive = [...nodes.keys()].filter((place) => !isInside(nodes, place, (at) => closed.has(at)));
        expect(shownPlaces(nodes, closed)).toEqual(naive);
      }),
    );
  });

  it("shows what matches and what that is in, of what is not closed", () => {
    fc.assert(
      fc.property(forestsAndMarks, fc.func(fc.boolean()), ([nodes, marks], isClosed) => {
        const closed = new Set([...nodes.keys()].filter((place) => isClosed(place)));
        const marked = nodes.map((node, place) => ({ ...node, marked: marks[place] ?? false }));
        const kept = keptPlaces(marked, (node) => node.marked);
        const naive = [...nodes.keys()].filter(
          (place) =>
            marked.some((node, at) => node.marked && [at, ...ancestorsOf(nodes, at)].includes(place)) &&
            !isInside(nodes, place, (at) => closed.has(at)),
        );
        expect(shownPlaces(marked, closed, kept)).toEqual(naive);
      }),
    );
  });

  it("shows the roots only where all is closed", () => {
    fc.assert(
      fc.property(forests, (nodes) => {
        const roots = [...nodes.keys()].filter((place) => nodes[place]?.parent === null);
        expect(shownPlaces(nodes, allClosed(nodes))).toEqual(roots);
      }),
    );
  });
});

describe("siblingsOf", () => {
  it("numbers the children of each parent", () => {
    fc.assert(
      fc.property(forests, (nodes) => {
        const { position, count } = siblingsOf(nodes);
        nodes.forEach((node, place) => {
          const all = [...nodes.keys()].filter((at) => nodes[at]?.parent === node.parent);
          expect(position[place]).toBe(all.indexOf(place) + 1);
          expect(count[place]).toBe(all.length);
        });
      }),
    );
  });
});
