/** Messages of a conversation with a model: as they were meant to be read, or as they were sent. */

import type { Schema } from "../api/client";
import { Badge } from "../ui/layout";
import { JsonView } from "./JsonView";
import style from "./Messages.module.css";
import { Part, type RenderText } from "./Part";
import { roleOf } from "./roles";
import type { Json } from "./structured";

type Message = Schema["MessageOfSpan"];

interface MessagesProps {
  messages: readonly Message[];
  /** As JSON. */
  raw: boolean;
  /** What these are, for screen readers. */
  label?: string;
  /** They are answers to one prompt, of which each was a choice. */
  choices?: boolean;
  renderText?: RenderText | undefined;
}

export function Messages({ messages, raw, label = "Messages", choices = false, renderText }: MessagesProps) {
  if (raw) return <JsonView value={messages as unknown as Json} label={`${label}, as JSON`} escaped />;
  if (!messages.length) return <p className={style.none}>There are no messages.</p>;
  return (
    <ol aria-label={label} className={style.messages}>
      {messages.map((message, place) => (
        <Bubble
          key={place}
          message={message}
          place={place}
          choice={choices && messages.length > 1 ? place + 1 : null}
          renderText={renderText}
        />
      ))}
    </ol>
  );
}

interface BubbleProps {
  message: Message;
  place: number;
  choice: number | null;
  renderText: RenderText | undefined;
}

function Bubble({ message, place, choice, renderText }: BubbleProps) {
  const role = roleOf(message.role);
  return (
    <li className={style.message} data-role={role.kind}>
      <p className={style.head}>
        <span className={`foreign ${style.role}`}>{role.label}</span>
        {message.name ? <span className={`foreign ${style.callId}`}>{message.name}</span> : null}
        {choice === null ? null : <Badge>Choice {choice}</Badge>}
        {message.finish_reason && message.finish_reason !== "stop" ? (
          <Badge tone="warn">Ended: {message.finish_reason}</Badge>
        ) : null}
      </p>
      <div className={style.parts}>
        {message.parts.map((part, at) => (
          <Part key={at} part={part} place={`/${place}/parts/${at}`} renderText={renderText} />
        ))}
        {message.parts.length ? null : <p className={style.none}>Empty.</p>}
      </div>
    </li>
  );
}
