/** How sure the model was, laid over the text that came of it. */

import type { Schema } from "../api/client";
import type { ShadedToken } from "../text/ReadingText";

type Token = Schema["TokenOfOutput"];

/** Tokens this improbable and more are shaded alike: one in about a thousand. */
const MOST_BITS = 10;
/** What may stand before the text's first token that is not of the text: marks of the chat's form. */
const MOST_SKIPPED = 8;
const REPLACEMENT = "\uFFFD";

/**
 * Tokens at their places in the text, by walking it; null where they do not fit. A few tokens may be passed over where
 * they stand for nothing in the text (marks of a message's beginning and end), or for pieces of one character, which
 * clients write as U+FFFD.
 */
export function placeTokens(text: string, tokens: readonly Token[]): ShadedToken[] | null {
  const placed: ShadedToken[] = [];
  let at = 0;
  let skipped = 0;
  for (let place = 0; place < tokens.length && at < text.length; place += 1) {
    const token = tokens[place];
    if (!token) break;
    if (token.token === "") continue;
    if (text.startsWith(token.token, at)) {
      placed.push(shaded(token, at, at + token.token.length));
      at += token.token.length;
      continue;
    }
    const pieces = token.token.includes(REPLACEMENT) ? brokenCharacter(text, at, tokens, place) : null;
    if (pieces) {
      placed.push(shaded(token, at, pieces.at));
      at = pieces.at;
      place = pieces.place;
      continue;
    }
    skipped += 1;
    if (skipped > MOST_SKIPPED) return null;
  }
  return at >= text.length ? placed : null;
}

/** Where a character that several tokens share ends: at the next token that is found whole. */
function brokenCharacter(
  text: string,
  from: number,
  tokens: readonly Token[],
  first: number,
): { at: number; place: number } | null {
  let last = first;
  while (tokens[last + 1]?.token.includes(REPLACEMENT)) last += 1;
  const next = tokens[last + 1]?.token;
  if (next === undefined) return { at: text.length, place: last };
  const longest = (last - first + 1) * 4 + (tokens[first]?.token.length ?? 0);
  const at = text.slice(from + 1, from + longest + next.length).indexOf(next);
  return at < 0 ? null : { at: from + 1 + at, place: last };
}

function shaded(token: Token, start: number, end: number): ShadedToken {
  return { start, end, surprise: surpriseOf(token.log_probability), title: titleOf(token) };
}

export function surpriseOf(logProbability: number | null): number {
  if (logProbability === null) return 1;
  return Math.min(1, Math.max(0, -logProbability / Math.LN2 / MOST_BITS));
}

function titleOf(token: Token): string {
  const others = token.top
    .filter(([name]) => name !== token.token)
    .slice(0, 3)
    .map(([name, logProbability]) => `${JSON.stringify(name)} ${share(logProbability)}`);
  const rather = others.length ? `; also likely: ${others.join(", ")}` : "";
  return `${JSON.stringify(token.token)} ${share(token.log_probability)}${rather}`;
}

function share(logProbability: number | null): string {
  const probability = logProbability === null ? 0 : Math.exp(logProbability);
  if (probability === 0) return "0 %";
  const percent = probability * 100;
  return `${percent < 0.1 ? "below 0.1" : percent.toFixed(percent < 10 ? 1 : 0)} %`;
}
