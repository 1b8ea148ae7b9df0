import { describe, expect, it } from "vitest";
import { mediaFacts } from "./media";

describe("mediaFacts", () => {
  it("tells name, type and size, and loads nothing", () => {
    expect(mediaFacts({ type: "image_url", image_url: { url: "data:image/png;base64,AAAA" } })).toEqual({
      kind: "image",
      name: null,
      type: "image/png",
      bytes: 3,
      address: null,
    });
    expect(mediaFacts({ type: "file", file: { filename: "a.pdf", file_data: "AAAAAA==" } })).toMatchObject({
      kind: "file",
      name: "a.pdf",
      bytes: 4,
    });
    expect(mediaFacts({ type: "image_url", image_url: "https://example.com/x.png" })).toMatchObject({
      kind: "image",
      address: "https://example.com/x.png",
      bytes: null,
    });
  });

  it("reads anything", () => {
    expect(mediaFacts(null).kind).toBe("file");
    expect(mediaFacts([1, ["data:,"]]).kind).toBe("file");
  });
});
