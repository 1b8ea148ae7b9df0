import { flag, oneOf, text } from "../url/search";

export interface ConversationsSearch {
  order?: "newest" | "oldest" | undefined;
}

export interface ConversationSearch {
  /** The session's id, where no path can carry it. */
  session?: string | undefined;
  /** Messages as they were sent. */
  raw?: boolean | undefined;
}

export function readListSearch(raw: Record<string, unknown>): ConversationsSearch {
  return { order: oneOf(raw.order, ["newest", "oldest"]) };
}

export function readSearch(raw: Record<string, unknown>): ConversationSearch {
  return { session: text(raw.session), raw: flag(raw.raw) };
}
