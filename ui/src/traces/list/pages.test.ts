import fc from "fast-check";
import { expect, test } from "vitest";
import { item } from "./factory";
import { inserted, isBeyond, keyOf, listed, type Order, type Pages, replaced, without } from "./pages";

function startOf(second: number): string {
  return `2026-01-01T00:00:${String(second).padStart(2, "0")}.000000000Z`;
}

function named(id: string, second: number) {
  return item({ id, start: startOf(second) });
}

function pagesOf(seconds: readonly number[], order: Order, next: string | null): Pages {
  const sorted = [...seconds].sort((a, b) => (order === "newest" ? b - a : a - b));
  const items = sorted.map((second, place) => named(`old-${place}`, second));
  const half = Math.ceil(items.length / 2);
  return {
    pages: [
      { items: items.slice(0, half), next: "cursor" },
      { items: items.slice(half), next },
    ],
    pageParams: [null, "cursor"],
  };
}

const seconds = fc.array(fc.integer({ min: 0, max: 59 }), { maxLength: 12 });
const orders = fc.constantFrom<Order>("newest", "oldest");

test("new items stand at their places, each once, and those that were there keep their order", () => {
  fc.assert(
    fc.property(seconds, seconds, orders, fc.constantFrom(null, "more"), (old, arriving, order, next) => {
      const before = pagesOf(old, order, next);
      const arrivals = arriving.map((second, place) => named(`new-${place}`, second));
      const after = inserted(inserted(before, arrivals, order), arrivals, order);
      const items = listed(after);
      const starts = items.map((each) => each.start);
      expect(starts).toEqual(order === "newest" ? starts.toSorted().reverse() : starts.toSorted());
      expect(new Set(items.map(keyOf)).size).toBe(items.length);
      expect(items.filter((each) => each.id.startsWith("old"))).toEqual(listed(before));
      const shown = new Set(items.map(keyOf));
      for (const each of arrivals) expect(shown.has(keyOf(each)) || isBeyond(after, each, order)).toBe(true);
      if (next === null) expect(items).toHaveLength(old.length + arriving.length);
    }),
  );
});

test("what changes is replaced, and nothing else is touched", () => {
  const pages = pagesOf([1, 2, 3], "newest", null);
  const changed = { ...named("old-1", 2), provenance: "pending" as const };
  const after = replaced(pages, changed);
  expect(listed(after)[1]).toBe(changed);
  expect(after.pages[1]).toBe(pages.pages[1]);
  expect(replaced(pages, named("unknown", 1))).toBe(pages);
  expect(listed(without(pages, keyOf(changed))).map((each) => each.id)).toEqual(["old-0", "old-2"]);
  expect(without(pages, "unknown")).toBe(pages);
});

test("traces of one id in two projects are two", () => {
  const pages: Pages = {
    pages: [{ items: [item(), item({ project: "b" }), item()], next: null }],
    pageParams: [null],
  };
  expect(listed(pages)).toHaveLength(2);
  expect(listed(undefined)).toEqual([]);
});
