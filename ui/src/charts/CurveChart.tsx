/** Up to two curves over a number, with the intervals around them, and a table of their values. */

import { area, line } from "d3-shape";
import { type PointerEvent, useMemo, useState } from "react";
import style from "./CurveChart.module.css";
import {
  type Curve,
  type CurvePoint,
  domainOf,
  highestOf,
  nearest,
  numberScale,
  placesOf,
  stretches,
  valuesAt,
} from "./curves";
import { EDGES } from "./Drawing";
import { NumbersTable } from "./NumbersTable";
import { valueScale } from "./scales";
import { Key, Sample } from "./TimeChart";
import time from "./TimeChart.module.css";
import { useWidth } from "./useWidth";

interface CurveChartProps {
  title: string;
  /** What stands below the axis: "Characters". */
  over: string;
  curves: readonly Curve[];
  format: (value: number | null) => string;
}

const HEIGHT = 210;
const BOTTOM = 38;
const PIXELS_A_NUMBER = 60;
const PIXELS_A_VALUE = 42;
const POINT = 2.5;
const MOST_POINTS = 40;

export function CurveChart({ title, over, curves, format }: CurveChartProps) {
  const [plot, width] = useWidth<HTMLDivElement>();
  const [pointed, setPointed] = useState<number | null>(null);
  const places = useMemo(() => placesOf(curves), [curves]);
  const domain = useMemo(() => domainOf(curves), [curves]);
  const inner = Math.max(1, width - EDGES.left - EDGES.right);
  if (!domain) return null;
  const x = numberScale(domain, inner);
  const onPointerMove = (event: PointerEvent<HTMLDivElement>) =>
    setPointed(
      nearest(
        places,
        x.invert(event.clientX - event.currentTarget.getBoundingClientRect().left - EDGES.left),
      ),
    );
  const marks = places.map((place) => ({
    start: place,
    when: String(place),
    values: valuesAt(curves, place),
  }));
  const series = curves.map(({ name }) => ({ name, shape: "line" as const }));
  return (
    <div>
      {series.length > 1 ? <Key series={series} /> : null}
      <div
        ref={plot}
        className={time.plot}
        style={{ height: HEIGHT }}
        onPointerMove={onPointerMove}
        onPointerLeave={() => setPointed(null)}
      >
        {width ? <Curves {...{ curves, domain, over, format, width, pointed }} /> : null}
        {width && pointed !== null ? (
          <Values {...{ over, curves, format, pointed, width }} at={EDGES.left + x(pointed)} />
        ) : null}
      </div>
      <NumbersTable {...{ title, marks, series, format }} first={over} />
    </div>
  );
}

interface CurvesProps extends Omit<CurveChartProps, "title"> {
  domain: readonly [number, number];
  width: number;
  pointed: number | null;
}

function Curves({ curves, domain, over, format, width, pointed }: CurvesProps) {
  const inner = { width: Math.max(1, width - EDGES.left - EDGES.right), height: HEIGHT - EDGES.top - BOTTOM };
  const x = numberScale(domain, inner.width);
  const { y, ticks } = valueScale(
    highestOf(curves),
    inner.height,
    Math.floor(inner.height / PIXELS_A_VALUE),
    {},
  );
  const numbers = x.ticks(Math.max(2, Math.floor(inner.width / PIXELS_A_NUMBER))).filter(Number.isInteger);
  return (
    <svg className={time.drawing} width={width} height={HEIGHT} aria-hidden="true" focusable="false">
      <g transform={`translate(${EDGES.left} ${EDGES.top})`}>
        {ticks.map((tick) => (
          <g key={tick} transform={`translate(0 ${y(tick)})`}>
            <line className={tick === 0 ? time.base : time.rule} x2={inner.width} />
            <text className={time.value} x={-8} dy="0.32em">
              {format(tick)}
            </text>
          </g>
        ))}
        {numbers.map((tick) => (
          <g key={tick} transform={`translate(${x(tick)} ${inner.height})`}>
            <line className={time.tick} y2={4} />
            <text y={17} textAnchor="middle">
              {tick}
            </text>
          </g>
        ))}
        <text x={inner.width} y={inner.height + 33} textAnchor="end">
          {over}
        </text>
        {pointed === null ? null : (
          <line className={style.pointed} x1={x(pointed)} x2={x(pointed)} y2={inner.height} />
        )}
        {curves.map((curve, place) => (
          <Band key={curve.name} {...{ curve, place, x, y }} />
        ))}
        {curves.map((curve, place) => (
          <Line key={curve.name} {...{ curve, place, x, y }} />
        ))}
      </g>
    </svg>
  );
}

interface ShapeProps {
  curve: Curve;
  place: number;
  x: (value: number) => number;
  y: (value: number) => number;
}

function Band({ curve, place, x, y }: ShapeProps) {
  const drawn = area<CurvePoint>(
    (point) => x(point.x),
    (point) => y(point.low ?? 0),
    (point) => y(point.high ?? 0),
  );
  return stretches(curve.points, ({ low, high }) => low !== null && high !== null).map((run) => (
    <path key={run[0]?.x} className={place === 0 ? style.band1 : style.band2} d={drawn(run) ?? ""} />
  ));
}

function Line({ curve, place, x, y }: ShapeProps) {
  const runs = stretches(curve.points, ({ value }) => value !== null);
  const drawn = line<CurvePoint>(
    (point) => x(point.x),
    (point) => y(point.value ?? 0),
  );
  const known = runs.flat();
  const points = known.length <= MOST_POINTS ? known : runs.filter((run) => run.length === 1).flat();
  return (
    <g className={place === 0 ? time.line1 : time.line2}>
      {runs.map((run) => (
        <path key={run[0]?.x} className={time.stroke} d={drawn(run) ?? ""} />
      ))}
      {points.map((point) => (
        <circle key={point.x} className={time.points} cx={x(point.x)} cy={y(point.value ?? 0)} r={POINT} />
      ))}
    </g>
  );
}

interface ValuesProps extends Omit<CurveChartProps, "title"> {
  pointed: number;
  at: number;
  width: number;
}

/** What the curves are at the number that is pointed at; screen readers have the table. */
function Values({ over, curves, format, pointed, at, width }: ValuesProps) {
  const side = at > width / 2 ? { right: width - at + 10 } : { left: at + 10 };
  return (
    <div className={time.readout} style={side} aria-hidden="true">
      <div className={time.readoutWhen}>
        {over}: {pointed}
      </div>
      {valuesAt(curves, pointed).map((value, place) => (
        <div key={curves[place]?.name} className={time.readoutValue}>
          <Sample shape="line" place={place} />
          {curves[place]?.name}
          <b>{format(value)}</b>
        </div>
      ))}
    </div>
  );
}
