import fc from "fast-check";
import { expect, test } from "vitest";
import { timeScale, timeTicks, valueScale } from "./scales";

const DAY = 86_400_000;
const times = fc.integer({ min: 0, max: 4_000_000_000_000 });
const units = fc.constantFrom(1, 1_000, 60_000, 3_600_000);

test("the scale of values reaches from 0 to the highest, and its ticks are written", () => {
  fc.assert(
    fc.property(
      fc.double({ min: 0, max: 1e12, noNaN: true }),
      fc.integer({ min: 20, max: 500 }),
      fc.integer({ min: 0, max: 9 }),
      fc.boolean(),
      units,
      (value, height, count, whole, unit) => {
        const top = whole ? Math.round(value) : value;
        const { y, ticks } = valueScale(top, height, count, { whole, unit });
        expect(y(0)).toBeCloseTo(height);
        expect(y(top)).toBeGreaterThanOrEqual(-1e-6);
        expect(ticks[0]).toBe(0);
        expect(ticks.length).toBeLessThanOrEqual(Math.max(count, 2) * 3 + 1);
        for (const tick of ticks) {
          expect(y(tick)).toBeGreaterThanOrEqual(-1e-6);
          if (whole) expect(Number.isInteger(tick / unit)).toBe(true);
        }
        expect([...ticks].sort((a, b) => a - b)).toEqual(ticks);
      },
    ),
  );
});

test("times stand in their order, and those of the domain within the width", () => {
  fc.assert(
    fc.property(
      times,
      fc.integer({ min: 0, max: 4_000 * DAY }),
      fc.integer({ min: 1, max: 2_000 }),
      (from, length, width) => {
        const x = timeScale([from, from + length], width);
        expect(x(from)).toBe(0);
        expect(x(from + Math.max(1, length))).toBeCloseTo(width);
      },
    ),
  );
});

test("ticks of time are within the domain, are not crowded, and have labels", () => {
  fc.assert(
    fc.property(
      times,
      fc.integer({ min: 60_000, max: 4_000 * DAY }),
      fc.integer({ min: 1, max: 12 }),
      fc.constantFrom(60_000, 3_600_000, DAY, 7 * DAY),
      fc.constantFrom("utc" as const, "local" as const),
      (from, length, count, least, clock) => {
        const ticks = timeTicks([from, from + length], count, least, clock);
        expect(ticks.length).toBeLessThanOrEqual(2 * count + 2);
        for (const { at, label } of ticks) {
          expect(at).toBeGreaterThanOrEqual(from);
          expect(at).toBeLessThanOrEqual(from + length);
          expect(label).not.toBe("");
        }
      },
    ),
  );
});

test.each([
  [Date.UTC(2026, 10, 1), 30 * DAY, DAY, ["1 Nov", "8 Nov", "15 Nov", "22 Nov", "29 Nov"]],
  [Date.UTC(2026, 10, 3), DAY, 3_600_000, ["3 Nov", "06:00", "12:00", "18:00", "4 Nov"]],
  [Date.UTC(2026, 10, 3, 14), 240_000, 60_000, ["14:00", "14:01", "14:02", "14:03", "14:04"]],
  [Date.UTC(2025, 9, 1), 150 * DAY, 7 * DAY, ["Oct", "Nov", "Dec", "2026", "Feb"]],
])("ticks from %i on are named by what changes", (from, length, least, labels) => {
  expect(timeTicks([from, from + length], 5, least, "utc").map((tick) => tick.label)).toEqual(labels);
});
