/** Views that the reader keeps by a name: addresses of the list, in this browser. */

import { useSyncExternalStore } from "react";

export interface SavedView {
  name: string;
  /** The search part of its address, from the question mark on. */
  search: string;
}

const NAME = "wherefrom.views";
const MOST = 100;
const LONGEST_NAME = 100;
const LONGEST_SEARCH = 8_000;

/** What is stored, as far as it can be understood. */
export function readViews(stored: string | null): SavedView[] {
  let raw: unknown;
  try {
    raw = JSON.parse(stored ?? "[]");
  } catch {
    return [];
  }
  if (!Array.isArray(raw)) return [];
  const found = new Map<string, SavedView>();
  for (const each of raw) if (isView(each) && !found.has(each.name)) found.set(each.name, each);
  return [...found.values()].slice(0, MOST).map(({ name, search }) => ({ name, search }));
}

/** The views with one more, which replaces its namesake. */
export function withView(views: readonly SavedView[], { name, search }: SavedView): SavedView[] {
  const trimmed = name.trim().slice(0, LONGEST_NAME).toWellFormed();
  const added = { name: trimmed, search };
  if (!isView(added)) return [...views];
  return [added, ...views.filter((view) => view.name !== trimmed)].slice(0, MOST);
}

export function withoutView(views: readonly SavedView[], name: string): SavedView[] {
  return views.filter((view) => view.name !== name);
}

function isView(value: unknown): value is SavedView {
  if (typeof value !== "object" || value === null || !("name" in value) || !("search" in value)) return false;
  const { name, search } = value;
  return (
    typeof name === "string" &&
    name !== "" &&
    name.length <= LONGEST_NAME &&
    typeof search === "string" &&
    search.length <= LONGEST_SEARCH &&
    (search === "" || search.startsWith("?"))
  );
}

const listeners = new Set<() => void>();
let kept: { stored: string | null; views: SavedView[] } = { stored: null, views: [] };

function stored(): string | null {
  try {
    return localStorage.getItem(NAME);
  } catch {
    return null;
  }
}

function current(): SavedView[] {
  const now = stored();
  if (now !== kept.stored) kept = { stored: now, views: readViews(now) };
  return kept.views;
}

/** Returns whether it could be kept: a browser may keep nothing. */
export function changeViews(change: (views: readonly SavedView[]) => SavedView[]): boolean {
  try {
    localStorage.setItem(NAME, JSON.stringify(change(current())));
  } catch {
    return false;
  }
  for (const listener of listeners) listener();
  return true;
}

export function useSavedViews(): readonly SavedView[] {
  return useSyncExternalStore((listener) => {
    listeners.add(listener);
    window.addEventListener("storage", listener);
    return () => {
      listeners.delete(listener);
      window.removeEventListener("storage", listener);
    };
  }, current);
}
