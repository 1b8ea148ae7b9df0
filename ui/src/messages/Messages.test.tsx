import { render, screen } from "@testing-library/react";
import { userEvent } from "@testing-library/user-event";
import { describe, expect, it } from "vitest";
import type { Schema } from "../api/client";
import { Messages } from "./Messages";

type Part = Schema["PartOfMessage"];

function part(type: Part["type"], more: Partial<Part> = {}): Part {
  return { type, text: null, id: null, name: null, arguments: null, data: null, ...more };
}

function message(role: string, ...parts: Part[]): Schema["MessageOfSpan"] {
  return { role, parts, name: null, finish_reason: null };
}

describe("Messages", () => {
  it("draws every part by its kind", async () => {
    render(
      <Messages
        raw={false}
        messages={[
          message("developer", part("text", { text: "Be brief." })),
          message(
            "assistant",
            part("reasoning", { text: "Hm." }),
            part("tool_call", { name: "look_up", id: "call_1", arguments: { words: "peace" } }),
          ),
          message("tool", part("tool_result", { id: "call_1", text: '{"year": "1790"}' })),
          message("assistant", part("refusal", { text: "No." }), part("data", { data: { odd: true } })),
          message("user", part("media", { data: { type: "audio", format: "wav", data: "AAAA" } })),
          message("stranger"),
        ]}
      />,
    );
    expect(screen.getAllByRole("listitem")).toHaveLength(6);
    for (const text of ["Developer", "Be brief.", "look_up", "call_1", "Refusal", "No.", "audio", "stranger"])
      expect(screen.getAllByText(text).length).toBeGreaterThan(0);
    expect(screen.getByRole("region", { name: "Arguments of look_up" }).textContent).toContain(
      '"words": "peace"',
    );
    expect(screen.getByRole("region", { name: "Result, as JSON" }).textContent).toContain('"year": "1790"');
    expect(screen.queryByText("Hm.")).toBeNull();
    await userEvent.click(screen.getByText("Reasoning"));
    expect(await screen.findByText("Hm.")).toBeDefined();
  });

  it("hands every text of the model to who draws it, with its place", () => {
    const places: string[] = [];
    render(
      <Messages
        raw={false}
        renderText={(text, place) => {
          places.push(`${place} ${text}`);
          return undefined;
        }}
        messages={[
          message("assistant", part("text", { text: "one" }), part("text", { text: '{"a/b": ["two"]}' })),
          message("assistant", part("tool_call", { name: "t", arguments: '{"q": "three"}' })),
          message("assistant", part("tool_call", { name: "t", arguments: "four" })),
        ]}
      />,
    );
    expect(new Set(places)).toEqual(
      new Set([
        "/0/parts/0/text one",
        "/0/parts/1/text/a~1b/0 two",
        "/1/parts/0/arguments/q three",
        "/2/parts/0/arguments four",
      ]),
    );
  });

  it("shows what was sent as JSON", () => {
    render(<Messages raw messages={[message("user", part("text", { text: "two\nlines" }))]} />);
    expect(screen.getByRole("region", { name: "Messages, as JSON" }).textContent).toContain('"two\\nlines"');
  });
});
