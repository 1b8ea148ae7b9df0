/** Reads the id of a generation from what was pasted: the id itself, or a link to it. */

export function generationIdOf(pasted: string): string | null {
  const text = pasted.trim();
  if (!text) return null;
  const path = /(?:^|\/)(?:generations|traces)\/([^/?#\s]+)/.exec(text)?.[1];
  if (path) {
    try {
      return decodeURIComponent(path);
    } catch {
      return path;
    }
  }
  return text;
}

/** The project that a pasted link names. */
export function projectOf(pasted: string): string | undefined {
  const search = /^[^#?]*\?([^#\s]*)/.exec(pasted)?.[1];
  return new URLSearchParams(search ?? "").get("project") || undefined;
}
