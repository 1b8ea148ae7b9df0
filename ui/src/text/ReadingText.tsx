/** A text with its passages marked, by their places alone. */

import { type ReactNode, type Ref, useImperativeHandle, useMemo, useRef } from "react";
import { type Passage, pieces } from "./passages";
import style from "./ReadingText.module.css";

export interface ShadedToken {
  /** UTF-16, half-open. */
  start: number;
  end: number;
  /** 0: the model was certain, 1: as surprised as is told apart. */
  surprise: number;
  title: string;
}

export interface ReadingTextHandle {
  scrollToPassage: (place: number) => void;
}

export interface ReadingTextProps {
  ref?: Ref<ReadingTextHandle>;
  text: string;
  passages: readonly Passage[];
  /** raw: every character as it was sent; chat: as markdown. */
  view: "raw" | "chat";
  /** `place` of the selected passage. */
  selected: number | null;
  onSelect: (place: number | null) => void;
  /** The passage's accessible name. */
  describe: (place: number) => string;
  preview: (place: number) => ReactNode;
  tokens?: readonly ShadedToken[];
  label: string;
}

export function ReadingText({ ref, text, passages, selected, onSelect, describe, label }: ReadingTextProps) {
  const box = useRef<HTMLElement>(null);
  const cut = useMemo(() => pieces(text.length, passages), [text, passages]);
  useImperativeHandle(ref, () => ({
    scrollToPassage: (place) =>
      box.current?.querySelector(`[data-passage~="${place}"]`)?.scrollIntoView({ block: "center" }),
  }));
  return (
    <section ref={box} aria-label={label} className={`foreign ${style.text}`}>
      {cut.map((piece) => {
        const shown = text.slice(piece.start, piece.end);
        const first = piece.covers.findLast(({ begins }) => begins) ?? piece.covers.at(-1);
        if (!first) return shown;
        const { place, strength } = first.passage;
        return (
          // biome-ignore lint/a11y/useSemanticElements: a button's text does not wrap with the text around it
          <span
            key={piece.start}
            data-passage={piece.key}
            role="button"
            tabIndex={0}
            aria-pressed={place === selected}
            aria-label={describe(place)}
            className={`${style.passage} ${style[strength ?? "low"] ?? ""} ${place === selected ? style.selected : ""}`}
            onClick={() => onSelect(place)}
            onKeyDown={({ key }) =>
              key === "Enter" ? onSelect(place) : key === "Escape" ? onSelect(null) : null
            }
          >
            {shown}
          </span>
        );
      })}
    </section>
  );
}
