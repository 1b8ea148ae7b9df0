/** What is seen of a chart: axes, bars and lines. The marks' names and links stand over it (`Columns`). */

import { line } from "d3-shape";
import { useId } from "react";
import { highest, type Mark, runs, type Series } from "./marks";
import { type Axis, type Clock, timeScale, timeTicks, valueScale } from "./scales";
import style from "./TimeChart.module.css";

export const EDGES = { top: 8, right: 10, bottom: 22, left: 54 } as const;

export interface DrawingProps {
  marks: readonly Mark[];
  series: readonly Series[];
  domain: readonly [number, number];
  /** No tick of time is closer to the next than this: the length of a step, in milliseconds. */
  step: number;
  clock: Clock;
  axis: Axis;
  format: (value: number) => string;
  width: number;
  height: number;
}

const PIXELS_A_TIME = 90;
const PIXELS_A_VALUE = 42;
const LEAST_BAR = 2;
const POINT = 2.75;
/** More points than these are a line that is only thicker. */
const MOST_POINTS = 80;

export function Drawing({ marks, series, domain, step, clock, axis, format, width, height }: DrawingProps) {
  const inner = {
    width: Math.max(1, width - EDGES.left - EDGES.right),
    height: height - EDGES.top - EDGES.bottom,
  };
  const x = timeScale(domain, inner.width);
  const top = highest(marks, series);
  const { y, ticks } = valueScale(top, inner.height, Math.floor(inner.height / PIXELS_A_VALUE), axis);
  const times = timeTicks(domain, Math.floor(inner.width / PIXELS_A_TIME), step, clock);
  return (
    <svg className={style.drawing} width={width} height={height} aria-hidden="true" focusable="false">
      <g transform={`translate(${EDGES.left} ${EDGES.top})`}>
        {ticks.map((tick) => (
          <g key={tick} transform={`translate(0 ${y(tick)})`}>
            <line className={tick === 0 ? style.base : style.rule} x2={inner.width} />
            <text className={style.value} x={-8} dy="0.32em">
              {format(tick)}
            </text>
          </g>
        ))}
        {times.map((tick) => (
          <g key={tick.at} transform={`translate(${x(tick.at)} ${inner.height})`}>
            <line className={style.tick} y2={4} />
            <text className={style.time} y={17} textAnchor={anchor(x(tick.at), inner.width)}>
              {tick.label}
            </text>
          </g>
        ))}
        {series.map((one, place) =>
          one.shape === "bars" ? (
            <Bars key={one.name} {...{ marks, place, x, y }} />
          ) : (
            <Line key={one.name} {...{ marks, place, x, y }} />
          ),
        )}
      </g>
    </svg>
  );
}

/** The first and the last time stay within the chart. */
function anchor(at: number, width: number): "start" | "middle" | "end" {
  return at < 16 ? "start" : at > width - 16 ? "end" : "middle";
}

interface ShapeProps {
  marks: readonly Mark[];
  place: number;
  x: (time: number) => number;
  y: (value: number) => number;
}

function Bars({ marks, place, x, y }: ShapeProps) {
  const hatch = useId();
  const path = marks.map((mark) => bar(mark, place, x, y)).join("");
  return (
    <>
      {place === 0 ? null : (
        <pattern id={hatch} width={5} height={5} patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
          <rect className={style.hatchGround} width={5} height={5} />
          <rect className={style.hatch} width={2.5} height={5} />
        </pattern>
      )}
      <path
        className={place === 0 ? style.bars1 : style.bars2}
        d={path}
        fill={place === 0 ? undefined : `url(#${hatch})`}
      />
    </>
  );
}

function bar({ start, end, values }: Mark, place: number, x: ShapeProps["x"], y: ShapeProps["y"]): string {
  const value = values[place] ?? 0;
  if (value <= 0) return "";
  const under = values.slice(0, place).reduce<number>((sum, one) => sum + (one ?? 0), 0);
  const wide = x(end) - x(start);
  const padding = wide > 6 ? 1 : 0;
  const width = Math.max(LEAST_BAR, wide - 2 * padding);
  const left = (x(start) + x(end) - width) / 2;
  // What is more than nothing is seen.
  const height = Math.max(LEAST_BAR, y(under) - y(under + value));
  return `M${left} ${y(under)}h${width}v${-height}h${-width}Z`;
}

function Line({ marks, place, x, y }: ShapeProps) {
  const middle = (mark: Mark) => (x(mark.start) + x(mark.end)) / 2;
  const height = (mark: Mark) => y(mark.values[place] ?? 0);
  const stretches = runs(marks, place);
  const drawn = line<Mark>(middle, height);
  const known = stretches.flat();
  const points = known.length <= MOST_POINTS ? known : stretches.filter((run) => run.length === 1).flat();
  return (
    <g className={place === 0 ? style.line1 : style.line2}>
      {stretches.map((run) => (
        <path key={run[0]?.start} d={drawn(run) ?? ""} className={style.stroke} />
      ))}
      <path
        className={style.points}
        d={points.map((mark) => point(middle(mark), height(mark), place)).join("")}
      />
    </g>
  );
}

/** Round for the first series, square for the others. */
function point(x: number, y: number, place: number): string {
  if (place === 0)
    return `M${x - POINT} ${y}a${POINT} ${POINT} 0 1 0 ${2 * POINT} 0a${POINT} ${POINT} 0 1 0 ${-2 * POINT} 0Z`;
  return `M${x - POINT} ${y - POINT}h${2 * POINT}v${2 * POINT}h${-2 * POINT}Z`;
}
