import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { barOf, clocksDiffer, stretchOf, ticksOf } from "./timeScale";

const times = fc.double({ min: -1e9, max: 1e9, noNaN: true });
const spans = fc.array(
  fc.record({
    offset_ms: fc.option(times),
    duration_ms: fc.option(times),
    first_token_ms: fc.option(times),
  }),
);

describe("barOf", () => {
  it("stands on the axis, whatever the clocks say", () => {
    fc.assert(
      fc.property(spans, (all) => {
        const stretch = stretchOf(all);
        expect(stretch.to).toBeGreaterThan(stretch.from);
        for (const span of all) {
          const bar = barOf(span, stretch);
          if (span.offset_ms === null) expect(bar).toBeNull();
          else {
            expect(bar?.start).toBeGreaterThanOrEqual(0);
            expect(bar?.length).toBeGreaterThanOrEqual(0);
            expect((bar?.start ?? 0) + (bar?.length ?? 0)).toBeLessThanOrEqual(1 + 1e-9);
            if (bar?.firstToken !== null) {
              expect(bar?.firstToken).toBeGreaterThanOrEqual(0);
              expect(bar?.firstToken).toBeLessThanOrEqual(1);
            }
          }
        }
      }),
    );
  });

  it("is where the span was", () => {
    const stretch = { from: 0, to: 200 };
    const span = { offset_ms: 50, duration_ms: 100, first_token_ms: 25 };
    expect(barOf(span, stretch)).toEqual({ start: 0.25, length: 0.5, firstToken: 0.375, kind: "ended" });
    expect(barOf({ ...span, duration_ms: null }, stretch)?.kind).toBe("running");
    const reversed = barOf({ ...span, duration_ms: -50, first_token_ms: null }, stretch);
    expect(reversed).toEqual({ start: 0, length: 0.25, firstToken: null, kind: "reversed" });
  });
});

describe("ticksOf", () => {
  it("has ticks on the axis", () => {
    const ticks = ticksOf({ from: -100, to: 5_000 }, 5);
    expect(ticks.map(({ time }) => time)).toContain(1_000);
    for (const { share } of ticks) {
      expect(share).toBeGreaterThanOrEqual(0);
      expect(share).toBeLessThanOrEqual(1);
    }
  });
});

describe("clocksDiffer", () => {
  const whole = { offset_ms: 0, duration_ms: 10, first_token_ms: 4 };
  it("is told by ends before starts and by first tokens outside", () => {
    expect(clocksDiffer([whole, { ...whole, duration_ms: null, first_token_ms: null }])).toBe(false);
    expect(clocksDiffer([whole, { ...whole, duration_ms: -1, first_token_ms: null }])).toBe(true);
    expect(clocksDiffer([{ ...whole, first_token_ms: 11 }])).toBe(true);
    expect(clocksDiffer([{ ...whole, first_token_ms: -1 }])).toBe(true);
  });
});
