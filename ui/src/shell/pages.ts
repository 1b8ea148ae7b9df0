/**
 * The parts that pages are loaded as. All are fetched soon after the first page is there: a service that is gone or was
 * upgraded since then has none of them to give.
 */

import { MissingPage } from "./MissingPage";

type Load = () => Promise<unknown>;

const parts = new Set<Load>();

/** Whatever page it is asked for. A promise of it is one of an object: it has no `then`. */
const MISSING = new Proxy({}, { get: (_, name) => (name === "then" ? undefined : MissingPage) });

/** The module of a page; where it does not come, one whose page waits for it. */
export function part<T>(load: () => Promise<T>): () => Promise<T> {
  parts.add(load);
  return () => load().catch(() => MISSING as T);
}

/** One after the other, when there is nothing else to do. What does not come is told when it is needed. */
export async function loadAll(isWanted: () => boolean): Promise<void> {
  // What the first page shows comes first.
  await pause(FIRST_PAGE_MS);
  for (const load of parts) {
    await idle();
    if (!isWanted()) return;
    await load().catch(() => undefined);
  }
}

const FIRST_PAGE_MS = 4_000;
const LONGEST_WAIT_MS = 2_000;

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}

function idle(): Promise<void> {
  return new Promise((resolve) => {
    if ("requestIdleCallback" in window) requestIdleCallback(() => resolve(), { timeout: LONGEST_WAIT_MS });
    else setTimeout(resolve, 0);
  });
}
