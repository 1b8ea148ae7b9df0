/**
 * The state of a view in its address. A search parameter is plain text or several texts; each view reads its own by the
 * functions below, which drop what they cannot read, so that a link that was mangled still opens.
 */

export type RawSearch = Record<string, string | string[] | undefined>;

export function parseSearch(search: string): RawSearch {
  const found: RawSearch = Object.create(null);
  for (const [name, value] of new URLSearchParams(search)) {
    const before = found[name];
    found[name] = before === undefined ? value : [...[before].flat(), value];
  }
  return found;
}

export function stringifySearch(search: Record<string, unknown>): string {
  const written = new URLSearchParams();
  for (const [name, value] of Object.entries(search)) {
    if (value === undefined || value === null || value === "") continue;
    for (const one of Array.isArray(value) ? value : [value])
      written.append(name, one === true ? "1" : one === false ? "0" : String(one));
  }
  const text = written.toString();
  return text ? `?${text}` : "";
}

function single(value: unknown): string | undefined {
  const one = Array.isArray(value) ? value[0] : value;
  return one === undefined || one === null ? undefined : String(one);
}

export function text(value: unknown): string | undefined {
  return single(value) || undefined;
}

export function texts(value: unknown): string[] | undefined {
  const all = [value].flat().filter((one) => one !== undefined && one !== null && one !== "");
  return all.length ? all.map(String) : undefined;
}

export function number(value: unknown): number | undefined {
  const one = single(value);
  const read = one === undefined || one.trim() === "" ? Number.NaN : Number(one);
  return Number.isFinite(read) ? read : undefined;
}

/** A whole number from 0 on. */
export function count(value: unknown): number | undefined {
  const read = number(value);
  return read !== undefined && Number.isInteger(read) && read >= 0 ? read : undefined;
}

/** Written as 1 and 0. */
export function flag(value: unknown): boolean | undefined {
  const one = single(value);
  return one === "1" || one === "true" ? true : one === "0" || one === "false" ? false : undefined;
}

export function oneOf<const T extends string>(value: unknown, allowed: readonly T[]): T | undefined {
  const one = single(value);
  return allowed.find((each) => each === one);
}
