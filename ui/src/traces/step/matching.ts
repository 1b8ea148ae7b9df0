/** Looks for a text in names and values, in whatever case. */
export function matching(all: readonly [string, unknown][], wanted: string): readonly [string, unknown][] {
  const words = wanted.trim().toLowerCase();
  if (!words) return all;
  return all.filter(([name, value]) => `${name}\n${written(value)}`.toLowerCase().includes(words));
}

function written(value: unknown): string {
  return typeof value === "string" ? value : (JSON.stringify(value) ?? "");
}
