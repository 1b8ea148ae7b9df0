/** The pages of the list that were read, and what is heard of afterwards put in its place among them. */

import type { InfiniteData } from "@tanstack/react-query";
import type { Schema } from "../../api/client";

export type Item = Schema["TraceItem"];
export type Pages = InfiniteData<Schema["TracePage"], string | null>;
export type Order = "newest" | "oldest";

/** Trace ids are distinct within a project only. */
export function keyOf({ project, id }: Pick<Item, "project" | "id">): string {
  return `${id} ${project}`;
}

/** All items, each once. */
export function listed(pages: Pages | undefined): Item[] {
  const found = new Map<string, Item>();
  for (const page of pages?.pages ?? []) for (const item of page.items) found.set(keyOf(item), item);
  return [...found.values()];
}

/** The pages with an item as it is now; the same pages where it is not among them. */
export function replaced(pages: Pages, item: Item): Pages {
  const key = keyOf(item);
  return mapped(pages, (items) =>
    items.some((each) => keyOf(each) === key)
      ? items.map((each) => (keyOf(each) === key ? item : each))
      : items,
  );
}

export function without(pages: Pages, key: string): Pages {
  return mapped(pages, (items) =>
    items.some((each) => keyOf(each) === key) ? items.filter((each) => keyOf(each) !== key) : items,
  );
}

/** The pages with new items at their places; those that stand on pages not read yet are left to them. */
export function inserted(pages: Pages, items: Iterable<Item>, order: Order): Pages {
  let result = pages;
  for (const item of items) result = insertedOne(without(result, keyOf(item)), item, order);
  return result;
}

/** Whether an item stands on a page that was not read yet. */
export function isBeyond(pages: Pages, item: Item, order: Order): boolean {
  const last = listed(pages).at(-1);
  return Boolean(pages.pages.at(-1)?.next && last && !isBefore(item, last, order));
}

function insertedOne(pages: Pages, item: Item, order: Order): Pages {
  if (isBeyond(pages, item, order)) return pages;
  const pageAt = pages.pages.findIndex((page) => page.items.some((each) => isBefore(item, each, order)));
  const into = pageAt < 0 ? pages.pages.length - 1 : pageAt;
  return {
    ...pages,
    pages: pages.pages.map((page, place) => {
      if (place !== into) return page;
      const at = page.items.findIndex((each) => isBefore(item, each, order));
      return { ...page, items: page.items.toSpliced(at < 0 ? page.items.length : at, 0, item) };
    }),
  };
}

/** Starts are written alike, to the nanosecond: their order is that of their texts. */
function isBefore(one: Item, other: Item, order: Order): boolean {
  return order === "newest" ? one.start >= other.start : one.start < other.start;
}

function mapped(pages: Pages, change: (items: Item[]) => Item[]): Pages {
  let changed = false;
  const all = pages.pages.map((page) => {
    const items = change(page.items);
    if (items === page.items) return page;
    changed = true;
    return { ...page, items };
  });
  return changed ? { ...pages, pages: all } : pages;
}
