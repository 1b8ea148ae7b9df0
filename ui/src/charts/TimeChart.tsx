/** A chart over time: bars or lines, each stretch of time a link to what is behind it, and a table of its numbers. */

import { useCallback, useMemo, useState } from "react";
import { Columns } from "./Columns";
import { Drawing, EDGES } from "./Drawing";
import { extent, type Mark, type Series } from "./marks";
import { NumbersTable } from "./NumbersTable";
import { Readout } from "./Readout";
import { type Axis, type Clock, timeScale } from "./scales";
import style from "./TimeChart.module.css";
import { useWidth } from "./useWidth";

interface TimeChartProps {
  title: string;
  series: readonly Series[];
  /** By time. What is missing between two of them is a gap. */
  marks: readonly Mark[];
  /** From when to when, in milliseconds since 1970; marks beyond it widen it. */
  domain: readonly [number, number];
  /** Milliseconds of a step. */
  step: number;
  /** By which clock the times of the axis are written. */
  clock: Clock;
  axis?: Axis;
  /** A value as it is read. */
  format: (value: number | null) => string;
  /** A value at the axis, where room is scarce. */
  formatTick?: (value: number) => string;
}

const HEIGHT = 190;
const NO_AXIS: Axis = {};

export function TimeChart({
  title,
  series,
  marks,
  domain: [from, to],
  step,
  clock,
  axis = NO_AXIS,
  format,
  formatTick = format,
}: TimeChartProps) {
  const [plot, width] = useWidth<HTMLDivElement>();
  const [pointed, setPointed] = useState<number | null>(null);
  const onPoint = useCallback((place: number | null) => setPointed(place), []);
  const domain = useMemo(() => extent([from, to], marks), [from, to, marks]);
  const drawing = useMemo(
    () =>
      width ? (
        <Drawing
          {...{ marks, series, domain, step, clock, axis, width }}
          height={HEIGHT}
          format={formatTick}
        />
      ) : null,
    [marks, series, domain, step, clock, axis, width, formatTick],
  );
  const mark = pointed === null ? undefined : marks[pointed];
  return (
    <div>
      {series.length > 1 ? <Key series={series} /> : null}
      <div ref={plot} className={style.plot} style={{ height: HEIGHT }}>
        {mark ? <Pointed mark={mark} domain={domain} width={width} /> : null}
        {drawing}
        {width ? <Columns label={title} {...{ marks, domain, width, onPoint }} height={HEIGHT} /> : null}
        {mark ? <Readout {...{ mark, series, format, domain, width }} /> : null}
      </div>
      <NumbersTable {...{ title, marks, series, format }} />
    </div>
  );
}

/** The stretch of time that is pointed at. */
function Pointed({ mark, domain, width }: { mark: Mark; domain: readonly [number, number]; width: number }) {
  const x = timeScale(domain, Math.max(1, width - EDGES.left - EDGES.right));
  return (
    <div
      className={style.pointed}
      style={{
        left: EDGES.left + x(mark.start),
        width: Math.max(2, x(mark.end) - x(mark.start)),
        top: EDGES.top,
        bottom: EDGES.bottom,
      }}
    />
  );
}

/** Which series is drawn how. */
export function Key({ series }: { series: readonly Series[] }) {
  return (
    <ul className={style.key}>
      {series.map(({ name, shape }, place) => (
        <li key={name}>
          <Sample shape={shape} place={place} />
          {name}
        </li>
      ))}
    </ul>
  );
}

export function Sample({ shape, place }: { shape: Series["shape"]; place: number }) {
  const kind =
    shape === "bars"
      ? place
        ? style.sampleBars2
        : style.sampleBars1
      : place
        ? style.sampleLine2
        : style.sampleLine1;
  return <span className={`${style.sample} ${kind}`} aria-hidden="true" />;
}
