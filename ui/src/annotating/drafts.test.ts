import { describe, expect, it } from "vitest";
import { draftOf, emptyDraft, faultOf, inputOf } from "./drafts";

const TARGET = { trace: "t", span: "s", project: "p" };

describe("a draft", () => {
  it("is saved when it says something, and scores something that has a name", () => {
    const draft = emptyDraft("ada");
    expect(faultOf(draft)).not.toBeNull();
    expect(faultOf({ ...draft, comment: "hm" })).toBeNull();
    expect(faultOf({ ...draft, value: "1" })).not.toBeNull();
    expect(faultOf({ ...draft, name: "quality", value: "one" })).not.toBeNull();
    expect(faultOf({ ...draft, name: "quality", value: " -0.5 " })).toBeNull();
    expect(inputOf({ ...draft, comment: " hm " }, TARGET, undefined)).toMatchObject({
      id: null,
      name: "note",
      comment: "hm",
      value: null,
      annotator: "ada",
      trace: "t",
      span: "s",
    });
  });

  it("keeps what it changes", () => {
    const before = {
      id: "1",
      project: "p",
      trace: "t",
      span: null,
      bound: true,
      name: "quality",
      value: 0,
      text: null,
      comment: null,
      annotator: "ada",
      metadata: { from: "code" },
      time: "2026-01-01T00:00:00Z",
    };
    expect(inputOf({ ...draftOf(before), value: "2" }, TARGET, before)).toMatchObject({
      id: "1",
      span: null,
      value: 2,
      metadata: { from: "code" },
    });
  });
});
