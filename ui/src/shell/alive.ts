/** Whether the service lives, asked until it does. */

const FIRST_MS = 500;
const LONGEST_MS = 15_000;
const PATIENCE_MS = 5_000;

/** Milliseconds until it is asked again: soon at first, for most restarts are short. */
export function pauseBefore(attempt: number): number {
  return Math.min(FIRST_MS * 2 ** Math.min(attempt, 10), LONGEST_MS);
}

export async function isAlive(signal: AbortSignal): Promise<boolean> {
  try {
    const answer = await fetch("/health/live", {
      cache: "no-store",
      signal: AbortSignal.any([signal, AbortSignal.timeout(PATIENCE_MS)]),
    });
    return answer.ok;
  } catch {
    return false;
  }
}

/** Asks until the service answers; `hurry` has it asked at once. Never rejects; an aborted wait never ends. */
export function untilAlive(signal: AbortSignal, hurry: EventTarget = new EventTarget()): Promise<void> {
  return new Promise((resolve) => {
    let attempt = 0;
    let timer: ReturnType<typeof setTimeout>;
    const ask = async () => {
      clearTimeout(timer);
      const alive = await isAlive(signal);
      if (signal.aborted) return;
      if (alive) resolve();
      else {
        clearTimeout(timer);
        timer = setTimeout(() => void ask(), pauseBefore(attempt));
        attempt += 1;
      }
    };
    timer = setTimeout(() => void ask(), pauseBefore(0));
    const now = () => void ask();
    hurry.addEventListener("hurry", now, { signal });
    window.addEventListener("online", now, { signal });
    signal.addEventListener("abort", () => clearTimeout(timer));
  });
}
