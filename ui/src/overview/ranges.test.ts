import fc from "fast-check";
import { expect, test } from "vitest";
import { type Bounds, ceilTo, floorTo, MOST_STEPS, rangeOf, STEP_MS, STRETCH_MS, stepFor } from "./ranges";
import { type OverviewSearch, STEPS, STRETCHES } from "./search";

const NOW = Date.UTC(2026, 10, 22, 14, 30, 12);
const times = fc.integer({ min: 0, max: NOW });
const steps = fc.constantFrom(...STEPS);
const bounds = fc
  .tuple(times, times)
  .map(([a, b]): Bounds => ({ oldest: Math.min(a, b), newest: Math.max(a, b) }));
const given = times.map((time) => new Date(time).toISOString());
const searches: fc.Arbitrary<OverviewSearch> = fc.record(
  {
    last: fc.option(fc.constantFrom(...STRETCHES), { nil: undefined }),
    since: fc.oneof(given, fc.constant("mangled")),
    until: given,
    step: steps,
  },
  { requiredKeys: [] },
);

test("steps begin and end where those of the service do", () => {
  fc.assert(
    fc.property(steps, times, (step, time) => {
      const [from, to] = [floorTo(step, time), ceilTo(step, time)];
      expect(from).toBeLessThanOrEqual(time);
      expect(to).toBeGreaterThanOrEqual(time);
      expect([0, STEP_MS[step]]).toContain(to - from);
      expect(floorTo(step, from)).toBe(from);
    }),
  );
  expect(new Date(floorTo("week", NOW)).getUTCDay()).toBe(1);
});

test("there are no more steps than can be shown, but for weeks, and none is longer than need be", () => {
  fc.assert(
    fc.property(times, times, steps, (a, b, least) => {
      const [from, to] = [Math.min(a, b), Math.max(a, b) + 1];
      const count = (step: (typeof STEPS)[number]) =>
        (ceilTo(step, to) - floorTo(step, from)) / STEP_MS[step];
      const step = stepFor(from, to, least);
      expect(STEPS.indexOf(step)).toBeGreaterThanOrEqual(STEPS.indexOf(least));
      if (step !== "week") expect(count(step)).toBeLessThanOrEqual(MOST_STEPS);
      const shorter = STEPS[STEPS.indexOf(step) - 1];
      if (shorter && step !== least) expect(count(shorter)).toBeGreaterThan(MOST_STEPS);
    }),
  );
});

test("what is drawn is whole steps, and holds what is asked", () => {
  fc.assert(
    fc.property(searches, bounds, (search, found) => {
      const { since, until, domain, step, stretch, refused } = rangeOf(search, found, NOW);
      expect((domain[1] - domain[0]) % STEP_MS[step]).toBe(0);
      expect(domain[1]).toBeGreaterThan(domain[0]);
      expect(floorTo(step, domain[0])).toBe(domain[0]);
      if (since !== null) expect(domain[0]).toBeLessThanOrEqual(since);
      if (until !== null && until >= (since ?? found.oldest)) expect(domain[1]).toBeGreaterThanOrEqual(until);
      if (stretch !== null) expect(until).toBeNull();
      if (search.last) expect(stretch).toBe(search.last);
      expect(refused === null || refused === search.step).toBe(true);
    }),
  );
});

test.each([
  ["hour", "minute"],
  ["day", "hour"],
  ["week", "hour"],
  ["month", "day"],
  ["quarter", "day"],
  ["year", "week"],
] as const)("the last %s is shown by the %s", (last, step) => {
  const range = rangeOf({ last }, { oldest: 0, newest: NOW }, NOW);
  expect(range.step).toBe(step);
  expect(range.since).toBe(floorTo(step, NOW - STRETCH_MS[last]));
});

test("where none is chosen, it is the last week if it has traces, else all time", () => {
  const day = STRETCH_MS.day;
  expect(rangeOf({}, { oldest: 0, newest: NOW - day }, NOW).stretch).toBe("week");
  const all = rangeOf({}, { oldest: NOW - 400 * day, newest: NOW - 300 * day }, NOW);
  expect(all).toMatchObject({ stretch: "all", since: null, until: null, step: "day" });
});

test("a step too short for so much time is refused, and said", () => {
  const range = rangeOf({ last: "month", step: "minute" }, { oldest: 0, newest: NOW }, NOW);
  expect(range).toMatchObject({ step: "day", refused: "minute" });
});
