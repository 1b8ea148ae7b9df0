/** Names of measures and of what is counted, and their values, in words. A name that is not known is shown as it is. */

import { formatCount, formatShare, UNKNOWN } from "../ui/format";
import type { Value } from "./report";

export const KINDS: Record<string, string> = {
  audit: "Memorization",
  contamination: "Contamination",
  extraction: "Extraction",
};

/** What each kind is about. */
export const EXAMINED: Record<string, string> = {
  audit: "Outputs",
  contamination: "Items",
  extraction: "Sequences",
};

export const FINDINGS: Record<string, string> = {
  secret: "Keys, tokens and passwords",
  email: "E-mail addresses",
  ip_address: "Public IP addresses",
  phone: "Telephone numbers",
};

/** "longest_characters" is "Longest characters". */
export function nameOf(written: string): string {
  const words = written.replaceAll("_", " ").trim();
  return words ? words.charAt(0).toUpperCase() + words.slice(1) : UNKNOWN;
}

/** What is counted; "too_short (50)" are outputs of fewer characters. */
export function countName(written: string): string {
  const shorter = /^too_short \((\d+)\)$/.exec(written);
  return shorter ? `Shorter than ${shorter[1]} characters` : nameOf(written);
}

/** As `wherefrom audit` calls them; "share": from 0 to 1. */
const MEASURES: Record<string, [label: string, unit: string]> = {
  share: ["Share of characters in long matches", "share"],
  rarity_share: ["The same, each token weighed by its rarity", "share"],
  longest: ["Longest match", "characters"],
  longest_tokens: ["Longest match", "tokens"],
  rarest_bits: ["Information of the rarest long match", "bits"],
  mean_suffix: ["Mean length of the longest suffix in the corpus", "tokens"],
  creativity_index: ["Creativity index", ""],
  near_verbatim: ["Share of words in near-verbatim blocks", "share"],
  near_verbatim_recall: ["Near-verbatim recall of the best document", "share"],
  documents: ["Distinct documents with a long match", ""],
  prompt_overlap: ["Share of characters that stand in the prompt", "share"],
  findings: ["Personal data and secrets in long matches", ""],
};

/** A measure with its unit. */
export function measureName(name: string): string {
  const [label, unit] = MEASURES[name] ?? [nameOf(name), ""];
  return unit && unit !== "share" ? `${label} (${unit})` : label;
}

/** Whether a measure is a share; one that is not known is judged by its values. */
export function isShare(name: string, values: readonly Value[]): boolean {
  const unit = MEASURES[name]?.[1];
  return unit === undefined ? areShares(values) : unit === "share";
}

/** What is at most 1 in all that is compared is a share. */
function areShares(values: readonly Value[]): boolean {
  const known = values.flatMap(({ value, low, high }) => [value, low, high]).filter((one) => one !== null);
  return known.every((one) => Math.abs(one) <= 1);
}

export type Format = (value: number | null) => string;

export function formatOf(isShare: boolean): Format {
  return isShare ? formatShare : formatMeasure;
}

export function formatMeasure(value: number | null): string {
  if (value === null || Number.isInteger(value)) return formatCount(value);
  return Math.abs(value) >= 100 ? formatCount(Math.round(value)) : String(Number(value.toPrecision(3)));
}

/** "20 % to 30 %"; empty where there is no interval. */
export function intervalOf({ low, high }: Value, format: Format): string {
  return low === null || high === null ? "" : `${format(low)} to ${format(high)}`;
}
