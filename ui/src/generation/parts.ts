/** The texts of a generation's output: which there are, and what to call them. */

import type { Schema } from "../api/client";

type Part = Schema["PartModel"];
type Message = Schema["MessageOfSpan"];

/** What a part of the output is, by its place there: a JSON pointer into the messages. */
export function nameOfPart(
  part: Pick<Part, "place">,
  messages: readonly Message[] | null | undefined,
): string {
  const [, message = "", , piece = "", ...within] = part.place.split("/");
  const sent = messages?.[Number(message)];
  const held = sent?.parts[Number(piece)];
  const ofMany = (messages?.length ?? 0) > 1 ? `Choice ${Number(message) + 1}: ` : "";
  return `${ofMany}${held ? wordsFor(held, within) : `text ${Number(piece) + 1}`}`;
}

const WORDS: Partial<Record<Schema["PartType"], string>> = {
  text: "answer",
  reasoning: "reasoning",
  refusal: "refusal",
};

function wordsFor(held: Message["parts"][number], within: readonly string[]): string {
  if (held.type === "tool_call") {
    const key = within.slice(1).join(".");
    return `call of ${held.name ?? "a tool"}${key ? `, ${key}` : ""}`;
  }
  const key = within.slice(1).join(".");
  return `${WORDS[held.type] ?? held.type}${key ? `, ${key}` : ""}`;
}

/** The part that is looked at: the one in the address, else the first. */
export function shownPart(parts: readonly unknown[], asked: number | undefined): number {
  return asked !== undefined && asked < parts.length ? asked : 0;
}
