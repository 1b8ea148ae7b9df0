/** Numbers, times and lengths as people read them. What is unknown is said to be, and is never 0. */

export const UNKNOWN = "–";

const whole = new Intl.NumberFormat("en");
const compact = new Intl.NumberFormat("en", { notation: "compact", maximumFractionDigits: 1 });
const percentage = new Intl.NumberFormat("en", { style: "percent", maximumFractionDigits: 1 });
const dateTime = new Intl.DateTimeFormat("en-GB", { dateStyle: "medium", timeStyle: "medium" });
const KIBI = 1024;
const UNITS = ["B", "KiB", "MiB", "GiB", "TiB", "PiB"];

type Maybe<T> = T | null | undefined;

export function formatCount(value: Maybe<number>): string {
  return value === null || value === undefined ? UNKNOWN : whole.format(value);
}

export function formatCompact(value: Maybe<number>): string {
  return value === null || value === undefined ? UNKNOWN : compact.format(value);
}

export function formatShare(value: Maybe<number>): string {
  return value === null || value === undefined ? UNKNOWN : percentage.format(value);
}

/** Milliseconds. */
export function formatDuration(value: Maybe<number>): string {
  if (value === null || value === undefined) return UNKNOWN;
  const size = Math.abs(value);
  if (size < 1) return `${Number(value.toPrecision(2))} ms`;
  if (size < 1_000) return `${Math.round(value)} ms`;
  if (size < 60_000) return `${(value / 1_000).toFixed(size < 10_000 ? 2 : 1)} s`;
  const seconds = Math.round(size / 1_000);
  const parts = [Math.floor(seconds / 3_600), Math.floor((seconds % 3_600) / 60), seconds % 60];
  const [hours, minutes, rest] = parts as [number, number, number];
  return `${value < 0 ? "-" : ""}${hours ? `${hours} h ` : ""}${minutes} min${hours ? "" : ` ${rest} s`}`;
}

/** US dollars. */
export function formatCost(value: Maybe<number>): string {
  if (value === null || value === undefined) return UNKNOWN;
  if (value === 0) return "$0";
  return value < 0.01 ? `$${Number(value.toPrecision(2))}` : `$${value.toFixed(value < 1 ? 3 : 2)}`;
}

export function formatBytes(value: Maybe<number>): string {
  if (value === null || value === undefined) return UNKNOWN;
  let size = value;
  let unit = 0;
  while (size >= KIBI && unit < UNITS.length - 1) {
    size /= KIBI;
    unit += 1;
  }
  return `${unit === 0 ? size : size.toFixed(1)} ${UNITS[unit]}`;
}

/** An RFC 3339 time in the reader's time zone. */
export function formatTime(value: Maybe<string>): string {
  if (!value) return UNKNOWN;
  const read = new Date(value);
  return Number.isNaN(read.getTime()) ? UNKNOWN : dateTime.format(read);
}

export function plural(count: number, one: string, many = `${one}s`): string {
  return `${formatCount(count)} ${count === 1 ? one : many}`;
}

/** A text in at most so many characters, cut between what is read as one character. */
export function shorten(value: string, length: number): string {
  if (value.length <= length) return value;
  let cut = "";
  for (const { segment } of new Intl.Segmenter().segment(value.slice(0, length + 64))) {
    if (cut.length + segment.length > length - 1) break;
    cut += segment;
  }
  return `${cut}…`;
}
