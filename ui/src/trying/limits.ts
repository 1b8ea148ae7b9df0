/** How much of what the service takes a text uses up. */

import { formatCount } from "../ui/format";

/** From this share of the limit on, it is said how much is left. */
const NEAR = 0.9;

/** In code points, as the service counts; a surrogate without its other half counts as one. */
export function lengthOf(text: string): number {
  let pairs = 0;
  for (let at = 0; at + 1 < text.length; at += 1) {
    if ((text.charCodeAt(at) & 0xfc00) === 0xd800 && (text.charCodeAt(at + 1) & 0xfc00) === 0xdc00) {
      pairs += 1;
      at += 1;
    }
  }
  return text.length - pairs;
}

export interface Room {
  isTooLong: boolean;
  /** What there is to say; null where there is room enough. */
  words: string | null;
}

export function roomFor(text: string, limit: number | undefined): Room {
  // No text has more code points than code units, so that most are not counted.
  if (limit === undefined || text.length < limit * NEAR) return { isTooLong: false, words: null };
  const left = limit - lengthOf(text);
  if (left < 0) {
    return {
      isTooLong: true,
      words: `${formatCount(-left)} characters too many: the service takes at most ${formatCount(limit)}.`,
    };
  }
  return {
    isTooLong: false,
    words: left <= limit * (1 - NEAR) ? `${formatCount(left)} characters left.` : null,
  };
}
