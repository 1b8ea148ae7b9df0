/** What the output answered. */

import type { Schema } from "../api/client";
import { Messages } from "../messages/Messages";
import { plural } from "../ui/format";
import { Disclosure } from "./Disclosure";
import { useRegionName } from "./naming";
import style from "./Prompt.module.css";

interface PromptProps {
  messages: readonly Schema["MessageOfSpan"][] | null | undefined;
  raw: boolean;
}

/** A prompt that is short is read at once; a long one is folded. */
const SHORT = 400;

export function Prompt({ messages, raw }: PromptProps) {
  const regionName = useRegionName();
  if (!messages?.length) return null;
  const size = messages
    .flatMap((message) => message.parts)
    .reduce((sum, part) => sum + (part.text?.length ?? 0), 0);
  return (
    <section aria-label={regionName("Prompt")} className={style.prompt}>
      <Disclosure
        label={messages.length > 1 ? `Prompt: ${plural(messages.length, "message")}` : "Prompt"}
        isOpenFirst={size <= SHORT && messages.length === 1}
      >
        <div className={style.messages}>
          <Messages messages={messages} raw={raw} label="Messages of the prompt" />
        </div>
      </Disclosure>
    </section>
  );
}
