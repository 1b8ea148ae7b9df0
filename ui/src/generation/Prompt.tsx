/** What the output answered. */

import type { Schema } from "../api/client";
import { plural } from "../ui/format";
import { Disclosure } from "./Disclosure";
import style from "./Prompt.module.css";

/** A prompt that is short is read at once; a long one is folded. */
const SHORT = 400;

export function Prompt({ messages }: { messages: readonly Schema["MessageOfSpan"][] | null | undefined }) {
  if (!messages?.length) return null;
  const size = messages
    .flatMap((message) => message.parts)
    .reduce((sum, part) => sum + (part.text?.length ?? 0), 0);
  return (
    <section aria-label="Prompt" className={style.prompt}>
      <Disclosure
        label={messages.length > 1 ? `Prompt: ${plural(messages.length, "message")}` : "Prompt"}
        isOpenFirst={size <= SHORT && messages.length === 1}
      >
        {messages.map((message, place) => (
          <div key={place} className={`foreign ${style.message}`}>
            {messages.length > 1 ? <span className={style.role}>{message.role}</span> : null}
            {message.parts.map((part, at) => (
              <p key={at}>{part.text ?? part.name ?? part.type}</p>
            ))}
          </div>
        ))}
      </Disclosure>
    </section>
  );
}
