/** What a generation was asked: by it the service ranks documents, so a fresh trace sends the same. */

import type { Schema } from "../api/client";

type Message = Schema["MessageOfSpan"];

/** Characters that the service uses, the last ones. */
const MOST_ASKED = 8_000;

/** The text of the last message of a user, else of the last message at all; null: none was sent. */
export function promptOf(messages: readonly Message[] | null | undefined): string | null {
  const said = (messages ?? []).filter((message) => message.parts.some((part) => part.text));
  const users = said.filter((message) => ["user", "human"].includes(message.role.toLowerCase()));
  const asked = (users.length ? users : said).at(-1);
  if (!asked) return null;
  const text = asked.parts.flatMap((part) => part.text || []).join("\n");
  return [...text].slice(-MOST_ASKED).join("");
}
