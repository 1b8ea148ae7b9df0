import fc from "fast-check";
import { expect, test } from "vitest";
import { readViews, type SavedView, withoutView, withView } from "./savedViews";

const views: fc.Arbitrary<SavedView> = fc.record({
  name: fc.string({ minLength: 1, maxLength: 120 }),
  search: fc.string().map((text) => (text ? `?${text}` : "")),
});

test("whatever is stored, views come out, with names that differ", () => {
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        fc.json(),
        fc.jsonValue().map((value) => JSON.stringify([value, value])),
      ),
      (stored) => {
        const found = readViews(stored);
        expect(new Set(found.map((view) => view.name)).size).toBe(found.length);
        for (const { name, search } of found)
          expect([typeof name, typeof search]).toEqual(["string", "string"]);
      },
    ),
  );
  expect(readViews(null)).toEqual([]);
  expect(
    readViews('[{"name":"a","search":"?x=1","more":2},{"name":"a","search":""},{"name":"b","search":"//x"}]'),
  ).toEqual([{ name: "a", search: "?x=1" }]);
});

test("a view that is saved is found again, first, and once", () => {
  fc.assert(
    fc.property(fc.array(views, { maxLength: 120 }), views, (before, added) => {
      const after = withView(readViews(JSON.stringify(before)), added);
      const again = readViews(JSON.stringify(after));
      expect(again).toEqual(after);
      expect(after.length).toBeLessThanOrEqual(100);
      const name = added.name.trim().slice(0, 100).toWellFormed();
      if (name) expect(after[0]).toEqual({ name, search: added.search });
      expect(withoutView(after, name).some((view) => view.name === name)).toBe(false);
    }),
    { numRuns: 50 },
  );
});
