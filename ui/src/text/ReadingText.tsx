/** A text with its passages marked, by their places alone. */

import {
  type CSSProperties,
  type ReactNode,
  type Ref,
  useCallback,
  useId,
  useImperativeHandle,
  useLayoutEffect,
  useMemo,
  useRef,
  useState,
} from "react";
import { MOST_LANES } from "./MarkedRuns";
import { Marking, sectionsOf } from "./marking";
import { PassagePreview, type PassagePreviewHandle } from "./PassagePreview";
import type { Passage, ShadedToken } from "./passages";
import { ReadingSection } from "./ReadingSection";
import style from "./ReadingText.module.css";
import { DrawnSections, ReadingState } from "./readingState";
import { useDrawing } from "./useDrawing";
import { useLatest } from "./useLatest";
import { usePassageEvents } from "./usePassageEvents";

export type { Passage, ShadedToken } from "./passages";

export interface ReadingTextHandle {
  /** Brings a passage into view, and the keyboard to it. */
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

const noTokens: readonly ShadedToken[] = [];

export function ReadingText(props: ReadingTextProps) {
  const { ref, text, passages, view, selected, label, tokens = noTokens } = props;
  const latest = useLatest(props);
  const box = useRef<HTMLElement>(null);
  const preview = useRef<PassagePreviewHandle>(null);
  const previewId = useId();
  const sections = useMemo(() => sectionsOf(text, view), [text, view]);
  const marking = useMemo(
    () => new Marking(text, sections, passages, tokens),
    [text, sections, passages, tokens],
  );
  const [state] = useState(() => new ReadingState(selected));
  const drawn = useMemo(() => firstDrawn(sections), [sections]);
  useLayoutEffect(() => state.set("selected", selected), [state, selected]);
  useLayoutEffect(() => {
    const active = state.get("active");
    const isThere = active !== null && marking.order.includes(active);
    const next = selected !== null && marking.order.includes(selected) ? selected : isThere ? active : null;
    const place = next ?? marking.order.find((one) => marking.sectionOf(one) !== null) ?? null;
    const section = place === null ? null : marking.sectionOf(place);
    if (section !== null) drawn.add(section);
    state.set("active", place);
  }, [state, marking, drawn, selected]);
  useDrawing(box, sections, drawn);
  const events = usePassageEvents({ box, marking, state, drawn, preview, latest });
  useImperativeHandle(ref, () => ({ scrollToPassage: events.locate }));
  const describe = useCallback((place: number) => latest.current.describe(place), [latest]);
  const content = useCallback((place: number) => latest.current.preview(place), [latest]);
  return (
    <section
      ref={box}
      aria-label={label}
      className={`foreign ${style.text}`}
      style={{ "--lane-count": Math.min(marking.laneCount, MOST_LANES) } as CSSProperties}
      onClick={events.onClick}
      onKeyDown={events.onKeyDown}
      onPointerOver={events.onPointerOver}
      onPointerLeave={events.onPointerLeave}
      onFocus={events.onFocus}
      onBlur={events.onBlur}
    >
      {sections.map((section, at) => (
        <ReadingSection
          key={section.start}
          section={at}
          text={text}
          marking={marking}
          state={state}
          drawn={drawn}
          describe={describe}
        />
      ))}
      <PassagePreview ref={preview} id={previewId} content={content} elementsOf={events.elementsOf} />
    </section>
  );
}

/** What is likely to be in the window at first. */
const FIRST_CHARACTERS = 4_000;

function firstDrawn(sections: readonly { start: number }[]): DrawnSections {
  const drawn = new DrawnSections();
  sections.forEach(({ start }, at) => {
    if (start < FIRST_CHARACTERS) drawn.add(at);
  });
  return drawn;
}
