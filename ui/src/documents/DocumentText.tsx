/** A whole document: only the sections near the window are read and drawn. */

import { useWindowVirtualizer } from "@tanstack/react-virtual";
import { useEffect, useMemo, useRef } from "react";
import { Button } from "../ui/controls";
import { formatCount, formatShare } from "../ui/format";
import { DocumentSection } from "./DocumentSection";
import style from "./DocumentText.module.css";
import { passageAt } from "./passages";
import { type DocumentName, type Places, SECTION } from "./queries";

interface DocumentTextProps {
  name: DocumentName;
  /** Code points of the whole document. */
  characters: number;
  places: Places | undefined;
  /** The character that is looked at. */
  at: number | undefined;
  onStep: (at: number) => void;
}

const SECTION_PX = 2_600;
const NO_PASSAGES: Places = { passages: [], count: 0 };
/** How long a mark is waited for, in frames. */
const FRAMES = 300;
/** How long it must stand still: sections around it are measured only when they are drawn, and move it. */
const STILL_FRAMES = 12;
/** How often a section is gone to that has not come: another may have moved the view, as the router does at a reload. */
const AGAIN_FRAMES = 20;
/** What takes the view over from a mark that is being brought into sight. */
const HANDS = ["wheel", "touchstart", "pointerdown", "keydown"] as const;

export function DocumentText({ name, characters, places, at, onStep }: DocumentTextProps) {
  const { passages, count } = places ?? NO_PASSAGES;
  const box = useRef<HTMLDivElement>(null);
  const sections = Math.max(1, Math.ceil(characters / SECTION));
  const virtual = useWindowVirtualizer({
    count: sections,
    estimateSize: () => (SECTION_PX * Math.min(characters, SECTION)) / SECTION,
    overscan: 1,
    scrollMargin: box.current?.offsetTop ?? 0,
  });
  const place = at === undefined ? -1 : passageAt(passages, at);
  const current = useMemo(() => passages[place] ?? null, [passages, place]);
  const section = at === undefined ? null : Math.min(Math.floor(at / SECTION), sections - 1);
  useShown(section, current, (number) => virtual.scrollToIndex(number, { align: "start" }));
  const step = (to: number) => {
    const next = passages[to];
    if (next) onStep(next.start);
  };
  useStepKeys(
    () => step(place + 1),
    () => step(place - 1),
  );
  const seen = virtual.range?.startIndex ?? 0;
  return (
    <div>
      <div className={style.steps}>
        {passages.length ? (
          <>
            <Button disabled={place <= 0} onClick={() => step(place - 1)} aria-keyshortcuts="p">
              Previous passage
            </Button>
            <span role="status">
              {place >= 0
                ? `Passage ${formatCount(place + 1)} of ${formatCount(count)}`
                : `${formatCount(count)} passages`}
            </span>
            <Button
              disabled={place + 1 >= passages.length}
              onClick={() => step(place + 1)}
              aria-keyshortcuts="n"
            >
              Next passage
            </Button>
          </>
        ) : null}
        <span className={style.where}>
          {formatShare(sections > 1 ? seen / (sections - 1) : 0)} of {formatCount(characters)} characters
        </span>
      </div>
      <section ref={box} aria-label="Text of the document" className={style.text}>
        <div style={{ position: "relative", height: virtual.getTotalSize() }}>
          {virtual.getVirtualItems().map((item) => (
            <div
              key={item.index}
              ref={virtual.measureElement}
              data-index={item.index}
              style={{
                position: "absolute",
                insetInline: 0,
                top: 0,
                transform: `translateY(${item.start - virtual.options.scrollMargin}px)`,
              }}
            >
              <DocumentSection
                name={name}
                number={item.index}
                isLast={item.index === sections - 1}
                passages={passages}
                current={current}
              />
            </div>
          ))}
        </div>
      </section>
    </div>
  );
}

/** Brings the section of a character into sight, and then the mark that is looked at, once that has been read. */
function useShown(section: number | null, current: object | null, scrollTo: (section: number) => void): void {
  const scroll = useRef(scrollTo);
  scroll.current = scrollTo;
  useEffect(() => {
    if (section === null) return;
    let frames = FRAMES;
    let still = 0;
    let frame = 0;
    const stop = () => cancelAnimationFrame(frame);
    const look = () => {
      const mark = current ? document.querySelector("mark[aria-current]") : null;
      if (mark) {
        const before = scrollY;
        const { top } = mark.getBoundingClientRect();
        if (top < 0 || top > innerHeight || still === 0) mark.scrollIntoView({ block: "center" });
        still = Math.abs(scrollY - before) < 1 ? still + 1 : 1;
      } else if (frames % AGAIN_FRAMES === 0) scroll.current(section);
      const isThere = current ? still >= STILL_FRAMES : frames < FRAMES - AGAIN_FRAMES;
      if (!isThere && frames-- > 0) frame = requestAnimationFrame(look);
    };
    look();
    for (const hand of HANDS) addEventListener(hand, stop, { passive: true });
    return () => {
      stop();
      for (const hand of HANDS) removeEventListener(hand, stop);
    };
  }, [section, current]);
}

function useStepKeys(next: () => void, previous: () => void): void {
  const steps = useRef({ next, previous });
  steps.current = { next, previous };
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      const target = event.target as HTMLElement;
      if (event.altKey || event.ctrlKey || event.metaKey || target.closest("input, select, textarea")) return;
      if (event.key === "n") steps.current.next();
      if (event.key === "p") steps.current.previous();
    };
    addEventListener("keydown", onKey);
    return () => removeEventListener("keydown", onKey);
  }, []);
}
