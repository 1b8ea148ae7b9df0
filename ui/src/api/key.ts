/** The API key of this browser tab: kept for the tab only, so that a shared machine forgets it. */

import { useSyncExternalStore } from "react";

const NAME = "wherefrom.key";
const listeners = new Set<() => void>();

export function readKey(): string | null {
  return sessionStorage.getItem(NAME);
}

/** Null forgets it. */
export function setKey(key: string | null): void {
  if (key === readKey()) return;
  if (key) sessionStorage.setItem(NAME, key);
  else sessionStorage.removeItem(NAME);
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
