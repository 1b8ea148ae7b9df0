/** What went into a step and what came out of it. */

import { useState } from "react";
import type { Schema } from "../../api/client";
import { JsonView } from "../../messages/JsonView";
import { LongText } from "../../messages/LongText";
import { Messages } from "../../messages/Messages";
import type { RenderText } from "../../messages/Part";
import { type Json, structured } from "../../messages/structured";
import { Button } from "../../ui/controls";
import { plural } from "../../ui/format";
import { Section } from "./Section";
import style from "./Step.module.css";

interface ExchangeProps {
  span: Schema["SpanDetail"];
  raw: boolean;
  /** Draws the texts of the output. */
  renderText?: RenderText | undefined;
}

export function Exchange({ span, raw, renderText }: ExchangeProps) {
  return (
    <>
      <Side title="Input" messages={span.input_messages} sent={span.input} raw={raw} />
      <Side
        title="Output"
        messages={span.output_messages}
        sent={span.output}
        raw={raw}
        renderText={renderText}
        choices
      />
    </>
  );
}

interface SideProps {
  title: string;
  messages: Schema["MessageOfSpan"][] | null;
  /** As the client sent it. */
  sent: unknown;
  raw: boolean;
  renderText?: RenderText | undefined;
  choices?: boolean;
}

/** Of a long conversation the last messages are what the step is about. */
const LAST = 6;

export function Side({ title, messages, sent, raw, renderText, choices = false }: SideProps) {
  const [isWhole, setWhole] = useState(false);
  const held = messages ?? [];
  const earlier = isWhole || choices ? 0 : Math.max(0, held.length - LAST);
  const hasSent = sent !== null && sent !== undefined;
  return (
    <Section title={title}>
      {!hasSent && !held.length ? (
        <p className={style.none}>{messages === null ? "None was sent." : "It is empty."}</p>
      ) : raw || !held.length ? (
        hasSent ? (
          <Sent value={sent as Json} label={`${title}, as it was sent`} escaped={raw} />
        ) : (
          <Messages messages={held} raw label={title} />
        )
      ) : (
        <>
          {earlier > 0 ? (
            <Button look="plain" onClick={() => setWhole(true)}>
              Show {plural(earlier, "earlier message")}
            </Button>
          ) : null}
          <Messages
            messages={earlier > 0 ? held.slice(earlier) : held}
            raw={false}
            label={title}
            choices={choices}
            renderText={renderText}
          />
        </>
      )}
    </Section>
  );
}

/** JSON that was sent as a text is shown as what it spells. */
function Sent({ value, label, escaped }: { value: Json; label: string; escaped: boolean }) {
  if (typeof value !== "string") return <JsonView value={value} label={label} escaped={escaped} />;
  const spelled = structured(value);
  return spelled === undefined ? (
    <LongText text={value} mono={escaped} />
  ) : (
    <JsonView value={spelled} label={label} escaped={escaped} />
  );
}
