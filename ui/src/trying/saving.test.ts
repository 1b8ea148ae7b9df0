import { expect, test } from "vitest";
import { otlpOf, refusalOf } from "./saving";

const IDS = { trace: "a".repeat(32), span: "b".repeat(16) };

test("a text becomes the generation of a trace", () => {
  const body = otlpOf(
    { text: "Said.", prompt: "Asked?", project: "mine", model: "small" },
    IDS,
    1_795_000_000_123,
  );
  const [resource] = body.resourceSpans;
  const [span] = resource?.scopeSpans[0]?.spans ?? [];
  expect(resource?.resource.attributes).toContainEqual({
    key: "openinference.project.name",
    value: { stringValue: "mine" },
  });
  expect(span).toMatchObject({
    traceId: IDS.trace,
    spanId: IDS.span,
    startTimeUnixNano: "1795000000123000000",
  });
  const said = Object.fromEntries(span?.attributes.map(({ key, value }) => [key, value.stringValue]) ?? []);
  expect(said["gen_ai.request.model"]).toBe("small");
  expect(JSON.parse(said["gen_ai.input.messages"] ?? "")).toEqual([
    { role: "user", parts: [{ type: "text", content: "Asked?" }] },
  ]);
  expect(JSON.parse(said["gen_ai.output.messages"] ?? "")[0].parts[0].content).toBe("Said.");
});

test("what is not known is not said", () => {
  const body = otlpOf({ text: "Said.", prompt: null, project: "mine", model: null }, IDS, 0);
  const keys = body.resourceSpans[0]?.scopeSpans[0]?.spans[0]?.attributes.map(({ key }) => key);
  expect(keys).toEqual(["gen_ai.operation.name", "gen_ai.output.messages"]);
});

test("an answer that accepts may still refuse", () => {
  expect(
    [{}, null, { partialSuccess: {} }, { partialSuccess: { rejectedSpans: "0" } }].map(refusalOf),
  ).toEqual(Array(4).fill(null));
  expect(refusalOf({ partialSuccess: { rejectedSpans: "1", errorMessage: "Too deep." } })).toBe("Too deep.");
  expect(refusalOf({ partialSuccess: { rejectedSpans: 1 } })).toBe("The service could not use it.");
});
