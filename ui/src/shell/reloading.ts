/** Loading the document anew by itself, without end in no case. */

const NAME = "wherefrom.reloaded";
const LONG_AGO_MS = 30_000;

/** Whether this address was loaded anew a moment ago: once more would not help. */
export function wasReloaded(now = Date.now()): boolean {
  const [at, href] = (sessionStorage.getItem(NAME) ?? "").split(" ");
  return href === location.href && now - Number(at) < LONG_AGO_MS;
}

export function reload(): void {
  sessionStorage.setItem(NAME, `${Date.now()} ${location.href}`);
  location.reload();
}
