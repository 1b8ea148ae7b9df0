/** One part of a message. */

import type { ReactNode } from "react";
import type { Schema } from "../api/client";
import { formatBytes, UNKNOWN } from "../ui/format";
import { Fold } from "./Fold";
import { JsonView } from "./JsonView";
import style from "./Messages.module.css";
import { mediaFacts } from "./media";
import { type Json, structured } from "./structured";
import { Words } from "./Words";

/** Draws a text at its place, a JSON pointer into the messages; undefined: as others are. */
export type RenderText = (text: string, place: string) => ReactNode;

interface PartProps {
  part: Schema["PartOfMessage"];
  place: string;
  renderText?: RenderText | undefined;
}

export function Part({ part, place, renderText }: PartProps) {
  switch (part.type) {
    case "text":
      return (
        <TextOrJson text={part.text ?? ""} place={`${place}/text`} label="Text" renderText={renderText} />
      );
    case "reasoning":
      return (
        <Fold label="Reasoning" className={style.reasoning}>
          <TextOrJson
            text={part.text ?? ""}
            place={`${place}/text`}
            label="Reasoning"
            renderText={renderText}
          />
          <Rest data={part.data} label="Reasoning, as it was sent" />
        </Fold>
      );
    case "refusal":
      return (
        <div className={style.refusal}>
          <span className={style.partName}>Refusal</span>
          <TextOrJson
            text={part.text ?? ""}
            place={`${place}/text`}
            label="Refusal"
            renderText={renderText}
          />
          <Rest data={part.data} label="Refusal, as it was sent" />
        </div>
      );
    case "tool_call":
      return <ToolCall part={part} place={place} renderText={renderText} />;
    case "tool_result":
      return <ToolResult part={part} />;
    case "media":
      return <Media part={part} />;
    default:
      return (
        <div className={style.tool}>
          {part.text ? (
            <TextOrJson text={part.text} place={`${place}/text`} label="Text" renderText={renderText} />
          ) : null}
          <Rest data={part.data} label="Data" place={`${place}/data`} renderText={renderText} />
        </div>
      );
  }
}

function TextOrJson({ text, place, label, renderText }: TextProps) {
  const value = structured(text);
  if (value === undefined) return renderText?.(text, place) ?? <Words text={text} />;
  return (
    <JsonView
      value={value}
      label={`${label}, as JSON`}
      renderText={renderText && ((inner, pointer) => renderText(inner, place + pointer))}
    />
  );
}

interface TextProps {
  text: string;
  place: string;
  label: string;
  renderText?: RenderText | undefined;
}

function ToolCall({ part, place, renderText }: PartProps) {
  const name = part.name ?? "a tool";
  const sent = part.arguments as Json | undefined;
  const label = `Arguments of ${name}`;
  return (
    <div className={style.tool}>
      <ToolHead what="Calls" part={part} />
      {sent === null || sent === undefined ? (
        <p className={style.none}>No arguments.</p>
      ) : typeof sent === "string" ? (
        <TextOrJson text={sent} place={`${place}/arguments`} label={label} renderText={renderText} />
      ) : (
        <JsonView
          value={sent}
          label={label}
          renderText={renderText && ((inner, pointer) => renderText(inner, `${place}/arguments${pointer}`))}
        />
      )}
      <Rest data={part.data} label={`Call of ${name}, as it was sent`} />
    </div>
  );
}

function ToolResult({ part }: { part: Schema["PartOfMessage"] }) {
  return (
    <div className={style.tool}>
      <ToolHead what="Result" part={part} />
      {part.text ? <TextOrJson text={part.text} place="" label="Result" /> : null}
      <Rest data={part.data} label="Result, as it was sent" />
      {!part.text && (part.data === null || part.data === undefined) ? (
        <p className={style.none}>Nothing.</p>
      ) : null}
    </div>
  );
}

function ToolHead({ what, part }: { what: string; part: Schema["PartOfMessage"] }) {
  return (
    <p className={style.toolHead}>
      <span className={style.partName}>{what}</span>
      {part.name ? <code className="foreign">{part.name}</code> : null}
      {part.id ? <span className={`foreign ${style.callId}`}>{part.id}</span> : null}
    </p>
  );
}

function Media({ part }: { part: Schema["PartOfMessage"] }) {
  const facts = mediaFacts((part.data ?? null) as Json);
  return (
    <div className={style.tool}>
      <p className={style.toolHead}>
        <span className={style.partName}>{facts.kind}</span>
        <span className="foreign">{facts.name ?? "without a name"}</span>
      </p>
      <p className={`foreign ${style.none}`}>
        {facts.type ?? "type unknown"}, {facts.bytes === null ? UNKNOWN : formatBytes(facts.bytes)}
        {facts.address === null ? null : `, at ${facts.address}`}. Not loaded.
      </p>
      <Fold label="As it was sent">
        <JsonView value={(part.data ?? null) as Json} label={`${facts.kind}, as it was sent`} escaped />
      </Fold>
    </div>
  );
}

interface RestProps {
  data: unknown;
  label: string;
  place?: string;
  renderText?: RenderText | undefined;
}

/** What a part holds besides what is known of its kind. */
function Rest({ data, label, place, renderText }: RestProps) {
  if (data === null || data === undefined) return null;
  return (
    <JsonView
      value={data as Json}
      label={label}
      renderText={renderText && place !== undefined ? (text, at) => renderText(text, place + at) : undefined}
    />
  );
}
