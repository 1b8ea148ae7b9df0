/** Who annotates, remembered by this browser. */

const NAME = "wherefrom.annotator";

export function readAnnotator(): string {
  return localStorage.getItem(NAME) ?? "";
}

export function rememberAnnotator(name: string): void {
  if (name.trim()) localStorage.setItem(NAME, name.trim());
  else localStorage.removeItem(NAME);
}
