/** What happened during a step: exceptions first of all. */

import { useState } from "react";
import type { Schema } from "../../api/client";
import { Fold } from "../../messages/Fold";
import { JsonView } from "../../messages/JsonView";
import { LongText } from "../../messages/LongText";
import type { Json } from "../../messages/structured";
import { Button } from "../../ui/controls";
import { formatDuration, plural } from "../../ui/format";
import { Section } from "./Section";
import style from "./Step.module.css";

type Event = Schema["EventOfSpan"];

interface EventsProps {
  events: readonly Event[];
  /** Of the step. */
  start: string | null;
}

const SHOWN = 50;
const NS_PER_MS = 1e6;

export function Events({ events, start }: EventsProps) {
  const [shown, setShown] = useState(SHOWN);
  return (
    <Section title={`Events (${events.length})`}>
      <ol className={style.events}>
        {events.slice(0, shown).map((event, place) => (
          <li key={place} className={style.event} data-failed={isException(event)}>
            <p className={style.eventHead}>
              <strong className="foreign">{isException(event) ? titleOf(event) : event.name}</strong>
              <span className={style.soft}>{timeOf(event, start)}</span>
            </p>
            {isException(event) ? <Exception event={event} /> : <Attributes event={event} />}
          </li>
        ))}
      </ol>
      {events.length > shown ? (
        <Button look="plain" onClick={() => setShown(shown + SHOWN)}>
          Show more of {plural(events.length, "event")}
        </Button>
      ) : null}
    </Section>
  );
}

function isException(event: Event): boolean {
  return event.name === "exception" || "exception.type" in event.attributes;
}

function textOf(event: Event, name: string): string {
  const value = event.attributes[name];
  return typeof value === "string" ? value : "";
}

function titleOf(event: Event): string {
  return textOf(event, "exception.type") || "Exception";
}

function timeOf(event: Event, start: string | null): string {
  const from = start === null ? Number.NaN : Date.parse(start);
  return Number.isNaN(from) ? "" : `after ${formatDuration(event.time_ns / NS_PER_MS - from)}`;
}

function Exception({ event }: { event: Event }) {
  const message = textOf(event, "exception.message");
  const trace = textOf(event, "exception.stacktrace");
  return (
    <>
      {message ? <LongText text={message} /> : null}
      {trace ? (
        <Fold label="Stack trace">
          <LongText text={trace} mono />
        </Fold>
      ) : null}
      <Attributes event={event} without="exception." />
    </>
  );
}

function Attributes({ event, without }: { event: Event; without?: string }) {
  const left = Object.entries(event.attributes).filter(([name]) => !without || !name.startsWith(without));
  if (!left.length) return null;
  return <JsonView value={Object.fromEntries(left) as Json} label={`Attributes of ${event.name}`} />;
}
