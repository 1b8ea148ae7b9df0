/** What a document's metadata say of where it comes from. Keys are the source's own; the usual ones are known here. */

export interface Origin {
  title: string | null;
  date: string | null;
  /** Where it is from, in words or as an address. */
  source: string | null;
  /** An http or https address, which may be opened. */
  link: { address: string; host: string } | null;
  /** Everything else, in the order that it came in. */
  rest: [string, string][];
}

const TITLES = ["title", "name", "headline", "subject"];
const DATES = ["date", "published", "publication_date", "created", "timestamp", "year"];
const SOURCES = ["source", "site", "domain", "publisher", "dataset"];
const LINKS = ["url", "link", "href", "uri", "source_url", "source"];

export function originOf(metadata: Record<string, unknown>): Origin {
  const byName = new Map(Object.keys(metadata).map((key) => [key.toLowerCase(), key]));
  const taken = new Set<string>();
  const first = (names: readonly string[], accept: (value: string) => boolean = Boolean): string | null => {
    for (const name of names) {
      const key = byName.get(name);
      const value = key === undefined ? "" : plainText(metadata[key]);
      if (key !== undefined && accept(value)) {
        taken.add(key);
        return value;
      }
    }
    return null;
  };
  const address = first(LINKS, (value) => webAddress(value) !== null);
  const origin = {
    title: first(TITLES),
    date: first(DATES),
    source: first(SOURCES, (value) => value !== "" && value !== address),
    link: address === null ? null : webAddress(address),
  };
  const rest = Object.entries(metadata)
    .filter(([key]) => !taken.has(key))
    .map(([key, value]): [string, string] => [key, readable(value)]);
  return { ...origin, rest };
}

/** Addresses of the web only: what a corpus holds may be `javascript:` or anything else. */
export function webAddress(value: string): { address: string; host: string } | null {
  if (!/^https?:\/\//i.test(value) || !URL.canParse(value)) return null;
  const url = new URL(value);
  return { address: url.href, host: url.host };
}

/** A single text or number; anything else is none. */
function plainText(value: unknown): string {
  return typeof value === "string" ? value.trim() : typeof value === "number" ? String(value) : "";
}

function readable(value: unknown): string {
  return typeof value === "string" ? value : (JSON.stringify(value) ?? "");
}
