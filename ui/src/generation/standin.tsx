/** Stands in until `text/` is there. */

import type { ReactNode, Ref } from "react";

export class CodePoints {
  constructor(private readonly text: string) {}

  toUtf16(point: number): number {
    return [...this.text].slice(0, point).join("").length;
  }
}

export interface Passage {
  start: number;
  end: number;
  strength: "high" | "medium" | "low" | null;
  place: number;
}

export interface ReadingTextHandle {
  scrollToPassage: (place: number) => void;
}

interface ReadingTextProps {
  ref?: Ref<ReadingTextHandle>;
  text: string;
  passages: Passage[];
  view: "raw" | "chat";
  selected: number | null;
  onSelect: (place: number | null) => void;
  describe: (place: number) => string;
  preview: (place: number) => ReactNode;
  tokens?: { start: number; end: number; surprise: number; title: string }[];
  label: string;
}

export function ReadingText({ text, passages, selected, onSelect, describe, label }: ReadingTextProps) {
  return (
    <section aria-label={label}>
      {passages.map(({ start, end, place }) => (
        <button
          type="button"
          key={place}
          aria-label={describe(place)}
          aria-pressed={place === selected}
          onClick={() => onSelect(place)}
        >
          {text.slice(start, end)}
        </button>
      ))}
    </section>
  );
}

export function Snippet({ text, highlight }: { text: string; highlight: [number, number] }) {
  const points = [...text];
  return (
    <p className="foreign">
      {points.slice(0, highlight[0]).join("")}
      <mark>{points.slice(...highlight).join("")}</mark>
      {points.slice(highlight[1]).join("")}
    </p>
  );
}
