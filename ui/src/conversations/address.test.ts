import fc from "fast-check";
import { expect, test } from "vitest";
import { parseSearch, stringifySearch } from "../url/search";
import { addressOf, sessionOf } from "./address";
import { readSearch } from "./search";

/** Through the address bar and back. */
function travelled(session: string): string {
  const { params, search } = addressOf(session, "p");
  const url = new URL(
    `http://host/conversations/${encodeURIComponent(params.sessionId)}${stringifySearch(search)}`,
  );
  const parts = url.pathname.split("/");
  expect(parts).toHaveLength(3);
  const read = readSearch(parseSearch(url.search));
  return sessionOf(decodeURIComponent(parts[2] ?? ""), read.session);
}

test("any id is carried", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary", minLength: 1 }), (session) => {
      expect(travelled(session)).toBe(session);
    }),
    { numRuns: 50 },
  );
});

test.each(["..", ".", "/", "a/../b", "a\nb", " ", "-", "\\", "%2e%2e", "?x=1#y", "会话", "plain-1"])(
  "%j is carried",
  (session) => expect(travelled(session)).toBe(session),
);
