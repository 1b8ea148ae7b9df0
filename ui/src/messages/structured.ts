/** JSON that stands in texts, and the places of what is in it: JSON pointers (RFC 6901), as the service has them. */

export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };

/** JSON within JSON that is read at all; the service refuses more. */
const DEEPEST = 100;
/** How far into a string its being a file, written as a URL, shows. */
const HEAD = 200;

export function pointerTo(place: string, key: string | number): string {
  return `${place}/${String(key).toWellFormed().replaceAll("~", "~0").replaceAll("/", "~1")}`;
}

/** The JSON object or array that a text spells; undefined where it spells none, or none with a text in it. */
export function structured(text: string): Json | undefined {
  const stripped = text.trim();
  const ends = stripped.slice(0, 1) + stripped.slice(-1);
  if (ends !== "{}" && ends !== "[]") return undefined;
  try {
    const value = JSON.parse(stripped) as Json;
    return depthOf(value) <= DEEPEST && hasText(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

export function isContainer(value: Json): value is readonly Json[] | { readonly [key: string]: Json } {
  return typeof value === "object" && value !== null;
}

/** What is in a container, with its key; nothing in anything else. */
export function childrenOf(value: Json): [key: string | number, child: Json][] {
  if (!isContainer(value)) return [];
  return Array.isArray(value)
    ? value.map((child, place) => [place, child])
    : Object.entries(value as Record<string, Json>);
}

function hasText(value: Json): boolean {
  if (typeof value === "string") {
    return value.isWellFormed() && !(value.startsWith("data:") && value.slice(0, HEAD).includes(";base64,"));
  }
  return childrenOf(value).some(([, child]) => hasText(child));
}

function depthOf(value: Json): number {
  let deepest = 0;
  const waiting: [Json, number][] = [[value, 0]];
  for (let next = waiting.pop(); next && deepest <= DEEPEST; next = waiting.pop()) {
    const [found, depth] = next;
    deepest = Math.max(deepest, depth);
    for (const [, child] of childrenOf(found)) if (isContainer(child)) waiting.push([child, depth + 1]);
  }
  return deepest;
}
