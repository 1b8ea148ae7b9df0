/** The links of a chart: a column over each mark, as high as the chart. One of them is in the order of tabulation. */

import { Link } from "@tanstack/react-router";
import { type KeyboardEvent, memo, useRef, useState } from "react";
import { EDGES } from "./Drawing";
import type { Mark } from "./marks";
import { timeScale } from "./scales";
import style from "./TimeChart.module.css";

interface ColumnsProps {
  label: string;
  marks: readonly Mark[];
  domain: readonly [number, number];
  width: number;
  height: number;
  /** The mark that is pointed at, by mouse or keyboard. */
  onPoint: (place: number | null) => void;
}

/** What is less wide is hard to meet. */
const LEAST_COLUMN = 4;

export const Columns = memo(function Columns({ label, marks, domain, width, height, onPoint }: ColumnsProps) {
  const box = useRef<HTMLUListElement>(null);
  const [stop, setStop] = useState(marks.length - 1);
  const place = Math.min(stop, marks.length - 1);
  const x = timeScale(domain, Math.max(1, width - EDGES.left - EDGES.right));

  const go = (to: number) => {
    const next = Math.max(0, Math.min(marks.length - 1, to));
    setStop(next);
    box.current?.querySelectorAll("a")[next]?.focus();
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const to = destination(event.key, place, marks.length);
    if (to === null) {
      if (event.key === "Escape") onPoint(null);
      return;
    }
    event.preventDefault();
    go(to);
  };

  return (
    <ul
      ref={box}
      aria-label={label}
      className={style.columns}
      style={{
        top: EDGES.top,
        left: EDGES.left,
        right: EDGES.right,
        height: height - EDGES.top - EDGES.bottom,
      }}
      onKeyDown={onKeyDown}
    >
      {marks.map((mark, number) => {
        const wide = Math.max(LEAST_COLUMN, x(mark.end) - x(mark.start));
        const left = (x(mark.start) + x(mark.end) - wide) / 2;
        return (
          <li key={mark.start}>
            <Link
              {...mark.link}
              className={style.column}
              style={{ left, width: wide }}
              tabIndex={number === place ? 0 : -1}
              aria-label={`${mark.words} ${mark.when}`}
              onPointerEnter={() => onPoint(number)}
              onPointerLeave={() => onPoint(null)}
              onFocus={() => {
                setStop(number);
                onPoint(number);
              }}
              onBlur={() => onPoint(null)}
            />
          </li>
        );
      })}
    </ul>
  );
});

function destination(key: string, place: number, count: number): number | null {
  switch (key) {
    case "ArrowRight":
    case "ArrowDown":
      return place + 1;
    case "ArrowLeft":
    case "ArrowUp":
      return place - 1;
    case "Home":
      return 0;
    case "End":
      return count - 1;
    default:
      return null;
  }
}
