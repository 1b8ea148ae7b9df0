/** Names of measures and of what is counted, and their values, in words. A name that is not known is shown as it is. */

import { formatCount, formatShare, UNKNOWN } from "../ui/format";
import type { Value } from "./report";

export const KINDS: Record<string, string> = {
  audit: "Memorization",
  contamination: "Contamination",
  extraction: "Extraction",
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

/** What is at most 1 in all that is compared is a share. */
export function areShares(values: readonly Value[]): boolean {
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
