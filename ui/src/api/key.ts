/** The API key of this browser tab: kept for the tab only, so that a shared machine forgets it. */

import { useSyncExternalStore } from "react";

const NAME = "wherefrom.key";
const listeners = new Set<() => void>();
/** Where the browser keeps nothing: until the page is left. */
let unkept: string | null = null;

export function readKey(): string | null {
  try {
    return sessionStorage.getItem(NAME) ?? unkept;
  } catch {
    return unkept;
  }
}

/** Null forgets it. */
export function setKey(key: string | null): void {
  if (key === readKey()) return;
  unkept = null;
  try {
    if (key) sessionStorage.setItem(NAME, key);
    else sessionStorage.removeItem(NAME);
  } catch {
    unkept = key;
  }
  for (const listener of listeners) listener();
}

export function useKey(): string | null {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    readKey,
    () => null,
  );
}
