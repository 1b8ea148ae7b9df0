import fc from "fast-check";
import { expect, test } from "vitest";
import { fromLocalInput, momentOf, sinceOf, toLocalInput } from "./times";

test("what an input shows is the time that was given, to the second", () => {
  fc.assert(
    fc.property(
      fc.date({ min: new Date("1971-01-01"), max: new Date("2200-01-01"), noInvalidDate: true }),
      (date) => {
        const second = new Date(Math.floor(date.getTime() / 1_000) * 1_000).toISOString();
        const again = fromLocalInput(toLocalInput(second));
        // An hour that a clock shows twice is read as one of the two.
        expect(Math.abs(momentOf(again ?? "") - momentOf(second)) % 3_600_000).toBe(0);
        expect(toLocalInput(again)).toBe(toLocalInput(second));
      },
    ),
  );
});

test("times are read as the service reads them", () => {
  expect(momentOf("2026-01-01")).toBe(Date.UTC(2026, 0, 1));
  expect(momentOf("2026-01-01T00:00:00")).toBe(Date.UTC(2026, 0, 1));
  expect(momentOf("2026-01-01 01:00:00+01:00")).toBe(Date.UTC(2026, 0, 1));
  expect(momentOf("2026-01-01T00:00:00.123456789Z")).toBe(Date.UTC(2026, 0, 1) + 123);
  expect(momentOf("soon")).toBeNaN();
});

test("what is no time is shown as none", () => {
  expect(toLocalInput(undefined)).toBe("");
  expect(toLocalInput("soon")).toBe("");
  expect(fromLocalInput("")).toBeUndefined();
  expect(fromLocalInput("soon")).toBeUndefined();
});

test("a stretch stands in for a time", () => {
  expect(sinceOf({ last: "day", since: "2000-01-01" }, Date.UTC(2026, 0, 2))).toBe(
    "2026-01-01T00:00:00.000Z",
  );
  expect(sinceOf({ since: "2000-01-01" }, 0)).toBe("2000-01-01");
});
