/** JSON to look at: objects and lists open and close, long texts are cut until they are asked for. */

import { type ReactNode, useMemo, useRef, useState } from "react";
import { Button } from "../ui/controls";
import { formatCount, plural } from "../ui/format";
import { Rows } from "../ui/Rows";
import { CopyButton } from "./CopyButton";
import style from "./JsonView.module.css";
import { type JsonLine, jsonLines, openAll, openAtFirst } from "./jsonLines";
import type { Json } from "./structured";

interface JsonViewProps {
  value: Json;
  /** What it is, for screen readers. */
  label: string;
  /** Draws a text; `pointer` leads to it from the value. */
  renderText?: ((text: string, pointer: string) => ReactNode) | undefined;
  /** Texts are written as JSON has them, with escapes. */
  escaped?: boolean;
}

/** More lines than these are drawn only where they are seen. */
const MANY = 120;
/** Objects and lists with more values in all are not opened at once. */
const MOST_LINES = 200_000;
const LONG_TEXT = 1_500;
const LINE_HEIGHT = 22;

export function JsonView({ value, label, renderText, escaped = false }: JsonViewProps) {
  const first = useMemo(() => openAtFirst(value), [value]);
  const [open, setOpen] = useState<ReadonlySet<string> | null>(null);
  const [whole, setWhole] = useState<ReadonlySet<string>>(new Set());
  const shown = open ?? first;
  const lines = useMemo(() => jsonLines(value, shown), [value, shown]);
  const scroller = useRef<HTMLDivElement>(null);
  const hasClosed = lines.some((line) => line.kind === "closed");
  const draw = (line: JsonLine) => (
    <Line
      line={line}
      renderText={renderText}
      escaped={escaped}
      isWhole={whole.has(line.pointer)}
      onWhole={() => setWhole(new Set([...whole, line.pointer]))}
      onToggle={() => setOpen(toggled(shown, line.pointer))}
    />
  );
  return (
    <section aria-label={label} className={style.box}>
      <div className={style.tools}>
        {hasClosed && lines.length < MOST_LINES ? (
          <Button look="plain" onClick={() => setOpen(openAll(value))}>
            Expand all
          </Button>
        ) : null}
        <CopyButton text={() => JSON.stringify(value, null, 2)} what={label} />
      </div>
      {lines.length > MANY ? (
        <section
          ref={scroller}
          className={style.scroller}
          aria-label={`${label}, lines`}
          // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by keyboard
          tabIndex={0}
        >
          <Rows items={lines} label={label} keyOf={keyOf} estimate={LINE_HEIGHT} scroller={scroller}>
            {draw}
          </Rows>
        </section>
      ) : (
        <div>
          {lines.map((line) => (
            <div key={keyOf(line)}>{draw(line)}</div>
          ))}
        </div>
      )}
    </section>
  );
}

function keyOf(line: JsonLine): string {
  return `${line.kind === "end" ? "-" : "+"}${line.pointer}`;
}

function toggled(before: ReadonlySet<string>, pointer: string): ReadonlySet<string> {
  const after = new Set(before);
  if (!after.delete(pointer)) after.add(pointer);
  return after;
}

interface LineProps {
  line: JsonLine;
  renderText: JsonViewProps["renderText"];
  escaped: boolean;
  isWhole: boolean;
  onWhole: () => void;
  onToggle: () => void;
}

function Line({ line, onToggle, ...rest }: LineProps) {
  const { kind, key, value, depth, more, size } = line;
  const [begin, end] = Array.isArray(value) ? ["[", "]"] : ["{", "}"];
  const comma = more ? <span className={style.mark}>,</span> : null;
  return (
    <div className={style.line} style={{ paddingInlineStart: `${Math.min(depth, 40) * 1.1 + 1.2}em` }}>
      {kind === "open" || kind === "closed" ? (
        <button
          type="button"
          className={style.toggle}
          aria-expanded={kind === "open"}
          aria-label={`${key ?? (line.pointer || "all")}, ${plural(size, "value")}`}
          onClick={onToggle}
        >
          <span aria-hidden="true">{kind === "open" ? "▾" : "▸"}</span>
        </button>
      ) : null}
      {key === null ? null : (
        <>
          <span className={style.key}>{JSON.stringify(key)}</span>
          <span className={style.mark}>: </span>
        </>
      )}
      {kind === "leaf" ? <Leaf line={line} {...rest} /> : null}
      {kind === "open" ? <span className={style.mark}>{begin}</span> : null}
      {kind === "end" ? <span className={style.mark}>{end}</span> : null}
      {kind === "closed" ? (
        <span className={style.mark}>
          {begin} {plural(size, "value")} {end}
        </span>
      ) : null}
      {comma}
    </div>
  );
}

function Leaf({ line, renderText, escaped, isWhole, onWhole }: Omit<LineProps, "onToggle">) {
  const { value, pointer } = line;
  if (Array.isArray(value)) return <span className={style.mark}>[]</span>;
  if (typeof value === "object" && value !== null) return <span className={style.mark}>{"{}"}</span>;
  if (typeof value !== "string") return <span className={style.other}>{String(value)}</span>;
  if (renderText && !escaped) {
    const drawn = renderText(value, pointer);
    if (drawn !== undefined) return <span className={style.drawn}>{drawn}</span>;
  }
  const isCut = !isWhole && value.length > LONG_TEXT;
  const text = isCut ? value.slice(0, LONG_TEXT).toWellFormed() : value;
  return (
    <>
      <span className={style.text}>{escaped ? JSON.stringify(text) : `"${text}"`}</span>
      {isCut ? (
        <button type="button" className={style.more} onClick={onWhole}>
          Show all {formatCount(value.length)} characters
        </button>
      ) : null}
    </>
  );
}
