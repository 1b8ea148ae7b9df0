/**
 * The parts that pages are loaded as. All are fetched soon after the first page is there: a service that is gone or was
 * upgraded since then has none of them to give.
 */

/** A part did not come: the service is gone, or it has newer parts only. */
export class PageMissingError extends Error {
  constructor(cause: unknown) {
    super("This page could not be loaded.", { cause });
    this.name = "PageMissingError";
  }
}

type Load = () => Promise<unknown>;

const parts = new Set<Load>();

/** For `lazyRouteComponent`, which would otherwise load the document anew by itself, from a service that may be gone. */
export function part<T>(load: () => Promise<T>): () => Promise<T> {
  const told = () =>
    load().catch((error: unknown) => {
      throw new PageMissingError(error);
    });
  parts.add(told);
  return told;
}

/** One after the other, when there is nothing else to do. What does not come is told when it is needed. */
export async function loadAll(isWanted: () => boolean): Promise<void> {
  for (const load of parts) {
    if (!isWanted()) return;
    await idle();
    await load().catch(() => undefined);
  }
}

const LONGEST_WAIT_MS = 2_000;

function idle(): Promise<void> {
  return new Promise((resolve) => {
    if ("requestIdleCallback" in window) requestIdleCallback(() => resolve(), { timeout: LONGEST_WAIT_MS });
    else setTimeout(resolve, 0);
  });
}
