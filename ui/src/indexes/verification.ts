/** What the last verification of an index says, in words. */

import type { Schema } from "../api/client";
import { formatTime, plural } from "../ui/format";
import type { Tone } from "../ui/layout";

type Index = Pick<Schema["IndexModel"], "version" | "verified">;

export function verificationOf({ version, verified }: Index): { tone: Tone; words: string } {
  if (!verified) return { tone: "neutral", words: "never noted" };
  const when = formatTime(verified.time);
  if (verified.version !== version) return { tone: "neutral", words: `an earlier version, ${when}` };
  return verified.findings === 0
    ? { tone: "good", words: `whole, ${when}` }
    : { tone: "bad", words: `${plural(verified.findings, "fault")}, ${when}` };
}
