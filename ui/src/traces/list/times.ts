/** Times of filters: RFC 3339 in addresses and requests, the reader's own time zone in inputs. */

import type { TracesSearch } from "../search";

const HOUR_MS = 3_600_000;

export const STRETCH_MS: Record<NonNullable<TracesSearch["last"]>, number> = {
  hour: HOUR_MS,
  day: 24 * HOUR_MS,
  week: 7 * 24 * HOUR_MS,
  month: 30 * 24 * HOUR_MS,
};

const HAS_OFFSET = /([zZ]|[+-]\d\d:?\d\d)$/;
const HAS_CLOCK = /\d[Tt ]\d/;

/** Milliseconds since 1970 of a time as the service reads it: one without an offset is UTC. NaN: it is none. */
export function momentOf(time: string): number {
  const given = time.trim();
  if (!HAS_CLOCK.test(given)) return Date.parse(given);
  return Date.parse(HAS_OFFSET.test(given) ? given.replace(" ", "T") : `${given.replace(" ", "T")}Z`);
}

/** What an input of date and time shows for a time; empty: nothing. */
export function toLocalInput(time: string | undefined): string {
  const moment = time === undefined ? Number.NaN : momentOf(time);
  if (Number.isNaN(moment)) return "";
  const at = new Date(moment);
  const two = (value: number) => String(value).padStart(2, "0");
  const date = `${String(at.getFullYear()).padStart(4, "0")}-${two(at.getMonth() + 1)}-${two(at.getDate())}`;
  return `${date}T${two(at.getHours())}:${two(at.getMinutes())}:${two(at.getSeconds())}`;
}

/** The time that an input of date and time shows. */
export function fromLocalInput(local: string): string | undefined {
  const moment = local ? new Date(local).getTime() : Number.NaN;
  return Number.isNaN(moment) ? undefined : new Date(moment).toISOString();
}

/** From when on traces are wanted. */
export function sinceOf(
  { since, last }: Pick<TracesSearch, "since" | "last">,
  now: number,
): string | undefined {
  return last === undefined ? since : new Date(now - STRETCH_MS[last]).toISOString();
}
