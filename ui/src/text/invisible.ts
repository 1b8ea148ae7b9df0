/** Characters that show nothing, or move what stands around them, are shown by name; the text around them is kept. */

/**
 * Controls but tab and line feed, marks of direction and their kin, characters of no width, and tags that are no flag's.
 * Joiners and variation selectors are left: they belong to letters and emoji.
 */
const INVISIBLE =
  /\r\n|(?:(?!\r\n)[^\P{Cc}\t\n]|[\p{Cs}\xad\u061c\u115f\u1160\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\u3164\ufeff\uffa0\ufff9-\ufffb]|(?<!\u{1F3F4}[\u{E0020}-\u{E007F}]{0,8})[\u{E0000}-\u{E007F}])+/gu;

const NAMES: Record<number, string> = {
  0: "NUL",
  8: "BS",
  13: "CR",
  27: "ESC",
  127: "DEL",
  173: "SHY",
  8203: "ZWSP",
  8206: "LRM",
  8207: "RLM",
  8234: "LRE",
  8235: "RLE",
  8236: "PDF",
  8237: "LRO",
  8238: "RLO",
  8288: "WJ",
  8294: "LRI",
  8295: "RLI",
  8296: "FSI",
  8297: "PDI",
  65279: "BOM",
};
const MOST_NAMED = 3;

export interface Part {
  text: string;
  /** What is shown instead; null: the text itself. */
  name: string | null;
}

const nothingInvisible = /^[\n\t -~\xa1-\xac\xae-\u0600]*$/;

/** A text as what shows and what does not. The texts of the parts are the text, but for the first half of CR LF. */
export function visibleParts(text: string): Part[] {
  if (nothingInvisible.test(text)) return [{ text, name: null }];
  const parts: Part[] = [];
  let shown = "";
  let from = 0;
  for (const { 0: found, index } of text.matchAll(INVISIBLE)) {
    shown += text.slice(from, index);
    from = index + found.length;
    if (found === "\r\n") {
      shown += "\n";
      continue;
    }
    if (shown) parts.push({ text: shown, name: null });
    shown = "";
    parts.push({ text: found, name: nameOf(found) });
  }
  shown += text.slice(from);
  if (shown) parts.push({ text: shown, name: null });
  return parts;
}

function nameOf(found: string): string {
  const names = [...found].map((character) => {
    const point = character.codePointAt(0) ?? 0;
    return NAMES[point] ?? `U+${point.toString(16).toUpperCase().padStart(4, "0")}`;
  });
  const [first = ""] = names;
  if (names.every((name) => name === first)) return names.length === 1 ? first : `${first}×${names.length}`;
  const rest = names.length - MOST_NAMED;
  return `${names.slice(0, MOST_NAMED).join(" ")}${rest > 0 ? ` +${rest}` : ""}`;
}
