/** Times of spans along an axis. */

import { scaleLinear } from "d3-scale";
import type { Span } from "./spans";

type Timed = Pick<Span, "offset_ms" | "duration_ms" | "first_token_ms">;

/** From the trace's start, in milliseconds. */
export interface Stretch {
  from: number;
  to: number;
}

/** Where a span stands, in shares of the axis. */
export interface Bar {
  start: number;
  /** Never below 0; 0: it took no time, or its end is unknown. */
  length: number;
  firstToken: number | null;
  /** ended; running: it has no end; reversed: its end lies before its start. */
  kind: "ended" | "running" | "reversed";
}

/** A stretch that holds every span, and is never without length. */
export function stretchOf(spans: readonly Timed[]): Stretch {
  let from = 0;
  let to = 0;
  for (const { offset_ms: offset, duration_ms: duration, first_token_ms: first } of spans) {
    if (offset === null) continue;
    const end = offset + (duration ?? 0);
    const token = offset + (first ?? 0);
    from = Math.min(from, offset, end, token);
    to = Math.max(to, offset, end, token);
  }
  return to > from ? { from, to } : { from, to: from + 1 };
}

/** Null: it has no start. */
export function barOf(span: Timed, { from, to }: Stretch): Bar | null {
  const { offset_ms: offset, duration_ms: duration, first_token_ms: first } = span;
  if (offset === null) return null;
  const share = (time: number) => Math.min(1, Math.max(0, (time - from) / (to - from)));
  const firstToken = first === null ? null : share(offset + first);
  if (duration === null) return { start: share(offset), length: 0, firstToken, kind: "running" };
  const start = share(Math.min(offset, offset + duration));
  const end = share(Math.max(offset, offset + duration));
  return { start, length: end - start, firstToken, kind: duration < 0 ? "reversed" : "ended" };
}

/** Round times for the axis, with where they stand. */
export function ticksOf({ from, to }: Stretch, count: number): { time: number; share: number }[] {
  const scale = scaleLinear([from, to], [0, 1]);
  return scale.ticks(count).map((time) => ({ time, share: scale(time) }));
}

/** Whether clocks differ: something ends before it starts, or its first token stands outside of it. */
export function clocksDiffer(spans: readonly Timed[]): boolean {
  return spans.some(
    ({ duration_ms: duration, first_token_ms: first }) =>
      (duration !== null && duration < 0) ||
      (first !== null && (first < 0 || (duration !== null && first > duration))),
  );
}
