// @vitest-environment node
import fc from "fast-check";
import { expect, test } from "vitest";
import { DamagedLinkError, LONGEST_SHARED, pack, unpack } from "./link";

const texts = fc
  .oneof(fc.string({ unit: "binary" }), fc.string({ unit: "grapheme" }), fc.string())
  .filter(Boolean);
const shared = fc.record({
  text: texts,
  prompt: fc.option(texts),
  versions: fc.option(fc.dictionary(fc.string(), fc.string())),
});

test("what is packed comes out again, whatever it is, and needs no escapes in an address", async () => {
  await fc.assert(
    fc.asyncProperty(shared, async (given) => {
      const fragment = await pack(given);
      expect(fragment).toMatch(/^1\.[\w-]+$/);
      expect(await unpack(fragment)).toEqual(given);
    }),
  );
});

test("long texts too, and those with lone surrogates", async () => {
  const text = `${"The same words again and again. ".repeat(10_000)}\ud800`;
  const fragment = await pack({ text, prompt: null, versions: null });
  expect(fragment.length).toBeLessThan(4_000);
  expect((await unpack(fragment)).text).toBe(text);
});

test("a link that was cut or changed is told from one that was not", async () => {
  await fc.assert(
    fc.asyncProperty(shared, fc.nat(), fc.nat(63), async (given, place, change) => {
      const fragment = await pack(given);
      const at = 2 + (place % (fragment.length - 2));
      await expect(unpack(fragment.slice(0, at))).rejects.toBeInstanceOf(DamagedLinkError);
      const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
      const mangled = fragment.slice(0, at) + letters[change] + fragment.slice(at + 1);
      // The last letter has bits that say nothing.
      const outcome = await unpack(mangled).catch((error: unknown) => error);
      if (!(outcome instanceof DamagedLinkError)) expect(outcome).toEqual(given);
    }),
  );
});

test("whatever stands in a fragment, it is a text or it is said to be none", async () => {
  const hostile = fc.oneof(
    fc.string(),
    fc.string().map((rest) => `1.${rest}`),
    fc.base64String().map((rest) => `1.${rest}`),
    fc.string().map((rest) => `2.${rest}`),
  );
  await fc.assert(
    fc.asyncProperty(hostile, async (fragment) => {
      await expect(unpack(fragment)).rejects.toBeInstanceOf(DamagedLinkError);
    }),
  );
});

test.each([
  ["null", /no text in it/],
  ['["", null, null]', /no text in it/],
  ['{"text": "x"}', /no text in it/],
  ["[5]", /no text in it/],
  ["[", /is no text/],
])("a well-formed link with something else in it: %s", async (content, told) => {
  await expect(unpack(await packed(content))).rejects.toThrow(told);
});

test("what is odd beside the text is left out", async () => {
  expect(await unpack(await packed('["words", 5, {"demo": 1}]'))).toEqual({
    text: "words",
    prompt: null,
    versions: null,
  });
  expect(await unpack(await packed('["words", "", []]'))).toEqual({
    text: "words",
    prompt: null,
    versions: null,
  });
});

test("a small link that would become huge is refused before it does", async () => {
  const bomb = await packed(`["${"0".repeat(LONGEST_SHARED)}"]`);
  expect(bomb.length).toBeLessThan(32 * 1024);
  await expect(unpack(bomb)).rejects.toThrow(/more than any text/);
});

async function packed(content: string): Promise<string> {
  const stream = new Blob([content]).stream().pipeThrough(new CompressionStream("deflate"));
  return `1.${Buffer.from(await new Response(stream).arrayBuffer()).toString("base64url")}`;
}
