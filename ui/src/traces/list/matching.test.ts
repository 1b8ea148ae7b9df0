import { expect, test } from "vitest";
import type { TracesSearch } from "../search";
import { item } from "./factory";
import { matches } from "./matching";

const NOW = Date.parse("2026-01-01T00:30:00Z");

test.each<[TracesSearch, "yes" | "no" | "unknown"]>([
  [{}, "yes"],
  [{ status: "ok", provenance: "done", session: "s" }, "yes"],
  [{ status: "error" }, "no"],
  [{ provenance: "pending" }, "no"],
  [{ session: "other" }, "no"],
  [{ model: "small" }, "yes"],
  [{ model: "large" }, "unknown"],
  [{ model: "large", status: "error" }, "no"],
  [{ text: "word" }, "unknown"],
  [{ document: "d", index: "i" }, "unknown"],
  [{ min_coverage: 0.5, max_coverage: 0.5 }, "yes"],
  [{ min_coverage: 0.51 }, "no"],
  [{ min_longest_span: 21 }, "no"],
  [{ max_longest_span: 20 }, "yes"],
  [{ last: "hour" }, "yes"],
  [{ since: "2026-01-01" }, "yes"],
  [{ since: "2026-01-01T00:00:01Z" }, "no"],
  [{ until: "2026-01-01T00:00:00Z" }, "no"],
  [{ until: "2026-01-01T02:00:00+01:00" }, "yes"],
  [{ until: "yesterday" }, "unknown"],
])("%j: %s", (search, verdict) => {
  expect(matches(item({ session: "s" }), search, undefined, NOW)).toBe(verdict);
});

test("what is unknown is within no bounds", () => {
  expect(matches(item({ cost: null }), { max_cost: 1 }, undefined, NOW)).toBe("no");
  expect(matches(item({ cost: 0 }), { max_cost: 1 }, undefined, NOW)).toBe("yes");
});

test("of another project", () => {
  expect(matches(item(), {}, "shop", NOW)).toBe("yes");
  expect(matches(item(), {}, "other", NOW)).toBe("no");
});

test("a stretch of time moves on", () => {
  expect(matches(item(), { last: "hour" }, undefined, NOW + 3_600_000)).toBe("no");
});
