/** Pointer and keyboard over the passages of a text, for all of them in one place. */

import {
  type FocusEvent,
  type KeyboardEvent,
  type MouseEvent,
  type PointerEvent,
  type RefObject,
  useMemo,
} from "react";
import { flushSync } from "react-dom";
import type { Marking } from "./marking";
import type { PassagePreviewHandle } from "./PassagePreview";
import type { DrawnSections, ReadingState } from "./readingState";

interface PassageEventsOptions {
  box: RefObject<HTMLElement | null>;
  marking: Marking;
  state: ReadingState;
  drawn: DrawnSections;
  preview: RefObject<PassagePreviewHandle | null>;
  latest: RefObject<{ selected: number | null; onSelect: (place: number | null) => void }>;
}

const STEPS: Record<string, number> = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 };

export function usePassageEvents(options: PassageEventsOptions) {
  const { box, marking, state, drawn, preview, latest } = options;
  return useMemo(
    () => new PassageEvents({ box, marking, state, drawn, preview, latest }),
    [box, marking, state, drawn, preview, latest],
  );
}

class PassageEvents {
  constructor(private readonly own: PassageEventsOptions) {}

  readonly elementsOf = (place: number): HTMLElement[] => [
    ...(this.own.box.current?.querySelectorAll<HTMLElement>(`[data-passage~="${place}"]`) ?? []),
  ];

  readonly onClick = (event: MouseEvent): void => {
    const places = this.placesAt(event.target);
    if (places.length === 0 || this.isMarkingText(event.target)) return;
    const { selected, onSelect } = this.own.latest.current;
    const before = selected === null ? -1 : places.indexOf(selected);
    const next = places[(before + 1) % places.length] ?? null;
    const chosen = next === selected ? null : next;
    this.own.preview.current?.close();
    this.focus(next, { preventScroll: true });
    onSelect(chosen);
  };

  readonly onKeyDown = (event: KeyboardEvent): void => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const { selected, onSelect } = this.own.latest.current;
    if (event.key === "Escape") {
      this.own.preview.current?.close();
      if (selected !== null) onSelect(null);
      return;
    }
    const place = this.firstOf(event.target);
    if (place === null) return;
    if (event.key === "Enter" || event.key === " ") onSelect(place === selected ? null : place);
    else if (event.key === "Home") this.move(0, 1);
    else if (event.key === "End") this.move(this.own.marking.order.length - 1, -1);
    else {
      const step = STEPS[event.key];
      if (step === undefined) return;
      this.move(this.own.marking.order.indexOf(place) + step, step);
    }
    event.preventDefault();
  };

  readonly onPointerOver = (event: PointerEvent): void => {
    if (event.pointerType === "touch") return;
    const element = closestPassage(event.target);
    const [place] = element ? this.placesAt(event.target) : [];
    if (element && place !== undefined) this.own.preview.current?.show(place, element);
    else if (!(event.target instanceof Element && event.target.closest('[role="tooltip"]')))
      this.own.preview.current?.leave();
  };

  readonly onPointerLeave = (): void => this.own.preview.current?.leave();

  readonly onFocus = (event: FocusEvent): void => {
    const place = this.firstOf(event.target);
    if (place === null) return;
    this.own.state.set("active", place);
    if (event.target instanceof HTMLElement && event.target.matches(":focus-visible"))
      this.own.preview.current?.show(place, event.target);
  };

  readonly onBlur = (): void => this.own.preview.current?.leave();

  readonly locate = (place: number): void => {
    const element = this.elementToFocus(place);
    if (!element) return;
    const show = () => element.scrollIntoView({ block: "center" });
    show();
    element.focus({ preventScroll: true });
    this.own.state.set("located", null);
    this.own.state.set("located", place);
    // What was only estimated above it has its true height once it was near the window.
    requestAnimationFrame(() => {
      show();
      requestAnimationFrame(show);
    });
  };

  /** Focuses the passage at a place in their order, or the next one in a direction that is shown. */
  private move(at: number, step: number): void {
    const { order, sectionOf } = { order: this.own.marking.order, sectionOf: this.own.marking };
    for (let next = at; next >= 0 && next < order.length; next += step) {
      const place = order[next];
      if (place === undefined || sectionOf.sectionOf(place) === null) continue;
      this.focus(place);
      return;
    }
  }

  private focus(place: number | null, options?: FocusOptions): void {
    if (place === null) return;
    this.elementToFocus(place)?.focus(options);
  }

  /** The passage's button, drawn now if it was not. */
  private elementToFocus(place: number): HTMLElement | null {
    const section = this.own.marking.sectionOf(place);
    if (section === null) return null;
    if (!this.own.drawn.has(section)) flushSync(() => this.own.drawn.add(section));
    return this.own.box.current?.querySelector<HTMLElement>(`[data-first="${place}"]`) ?? null;
  }

  /** Places of the passages at an element, the shortest first. */
  private placesAt(target: EventTarget): number[] {
    const { marking } = this.own;
    const places = (closestPassage(target)?.dataset.passage ?? "").split(" ").filter((name) => name !== "");
    return places
      .map(Number)
      .sort((one, other) => marking.lengthOf(one) - marking.lengthOf(other) || one - other);
  }

  private firstOf(target: EventTarget): number | null {
    const first = target instanceof HTMLElement ? target.dataset.first : undefined;
    return first === undefined ? null : Number(first);
  }

  /** Whether the click ends the marking of text to be copied, or opens a link. */
  private isMarkingText(target: EventTarget): boolean {
    if (target instanceof Element && target.closest("a")) return true;
    const selection = window.getSelection();
    return (
      selection !== null &&
      !selection.isCollapsed &&
      this.own.box.current?.contains(selection.anchorNode) === true
    );
  }
}

function closestPassage(target: EventTarget): HTMLElement | null {
  return target instanceof Element ? target.closest<HTMLElement>("[data-passage]") : null;
}
