/** By which versions of the indexes something was found: the same link may show something else later. */

type Versions = Record<string, string>;

export function versionsOf(indexes: readonly { name: string; version: string }[]): Versions {
  return Object.fromEntries(indexes.map(({ name, version }) => [name, version]));
}

/** In words, which indexes are not what they were. */
export function changedVersions(before: Versions | null, now: Versions): string[] {
  if (!before) return [];
  const changed = Object.keys(now).filter((name) => before[name] !== undefined && before[name] !== now[name]);
  const isOtherSet =
    Object.keys(now).some((name) => before[name] === undefined) ||
    Object.keys(before).some((name) => now[name] === undefined);
  return [
    ...changed.map((name) => `the index “${name}”`),
    ...(isOtherSet ? ["the set of indexes that are searched"] : []),
  ];
}
