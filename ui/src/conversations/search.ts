import { flag, oneOf } from "../url/search";

export interface ConversationsSearch {
  order?: "newest" | "oldest" | undefined;
}

export interface ConversationSearch {
  raw?: boolean | undefined;
}

export function readListSearch(raw: Record<string, unknown>): ConversationsSearch {
  return { order: oneOf(raw.order, ["newest", "oldest"]) };
}

export function readSearch(raw: Record<string, unknown>): ConversationSearch {
  return { raw: flag(raw.raw) };
}
