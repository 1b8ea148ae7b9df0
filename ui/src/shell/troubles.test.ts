import { QueryClient, QueryObserver } from "@tanstack/react-query";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { ApiError, UnreachableError } from "../api/errors";
import { isGone, NONE, SLOW_MS, type Troubles, watchTroubles } from "./troubles";

let client: QueryClient;
let seen: Troubles;
let end: () => void;

beforeEach(() => {
  vi.useFakeTimers();
  client = new QueryClient({ defaultOptions: { queries: { retry: false } } });
  seen = NONE;
  end = watchTroubles(client, (troubles) => {
    seen = troubles;
  });
});

afterEach(() => {
  end();
  client.clear();
  vi.useRealTimers();
});

/** A view that asks for something. */
function view(queryFn: () => Promise<unknown>, more: object = {}) {
  return new QueryObserver(client, { queryKey: [Math.random()], queryFn, ...more }).subscribe(
    () => undefined,
  );
}

const problem = (status: number) => new ApiError(status, { title: "No", detail: "No." });
const fails = (status: number) => () => Promise.reject(problem(status));
const never = () => new Promise(() => undefined);

test("all is well while answers come", async () => {
  view(() => Promise.resolve(1));
  await vi.advanceTimersByTimeAsync(10 * SLOW_MS);
  expect(seen).toEqual(NONE);
});

test("an answer that does not come is slow, and is not when nobody waits for it any more", async () => {
  const leave = view(never);
  await vi.advanceTimersByTimeAsync(SLOW_MS - 100);
  expect(seen.isSlow).toBe(false);
  await vi.advanceTimersByTimeAsync(200);
  expect(seen.isSlow).toBe(true);
  leave();
  await vi.advanceTimersByTimeAsync(10);
  expect(seen.isSlow).toBe(false);
});

test("who says so where it is waited for is not told of twice", async () => {
  view(never, { meta: { saysSo: true } });
  await vi.advanceTimersByTimeAsync(2 * SLOW_MS);
  expect(seen).toEqual(NONE);
});

test("a view without data says itself what failed; one with data is stale", async () => {
  view(fails(429));
  await vi.advanceTimersByTimeAsync(10);
  expect([seen.stale, seen.isWaiting]).toEqual([null, true]);
  view(fails(503), { initialData: 1 });
  await vi.advanceTimersByTimeAsync(10);
  expect(seen.stale?.kind).toBe("unavailable");
});

test("what is asked again by itself is said meanwhile", async () => {
  view(fails(429), { retry: 1, retryDelay: 60_000 });
  await vi.advanceTimersByTimeAsync(10);
  expect(seen.refused?.kind).toBe("overloaded");
  expect(seen.isSlow).toBe(false);
});

test("a key that is needed", async () => {
  view(fails(401));
  await vi.advanceTimersByTimeAsync(10);
  expect(seen).toEqual({ ...NONE, isLocked: true });
});

test("gone is what no service answers", () => {
  expect([new UnreachableError(), new ApiError(502, null), new ApiError(503, null)].map(isGone)).toEqual([
    true,
    true,
    true,
  ]);
  expect([problem(503), problem(500), new ApiError(404, null), new Error("x"), null].some(isGone)).toBe(
    false,
  );
});
