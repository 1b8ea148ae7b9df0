/** One measure over time. */

import type { UseQueryResult } from "@tanstack/react-query";
import { useMemo } from "react";
import { highest, type Mark } from "../charts/marks";
import type { Axis } from "../charts/scales";
import { TimeChart } from "../charts/TimeChart";
import { Panel } from "../ui/layout";
import { Loaded } from "../ui/states";
import { marksOf, type StepOfTime } from "./marks";
import type { Measure } from "./measures";
import style from "./overview.module.css";
import { STEP_MS, type TimeRange } from "./ranges";
import { clockOf } from "./when";

/** What is asked is so many marks at most; what is more comes of times that cannot be. */
const MOST_MARKS = 400;

interface MeasurePanelProps<T> {
  measure: Measure<T>;
  query: UseQueryResult<{ items: T[] }>;
  range: TimeRange;
  model: string | undefined;
}

export function MeasurePanel<T extends StepOfTime>({ measure, query, range, model }: MeasurePanelProps<T>) {
  return (
    <Panel label={measure.title} className={style.measure ?? ""}>
      <h3>{measure.title}</h3>
      {measure.hint ? <p className={style.hint}>{measure.hint}</p> : null}
      <div className={query.isPlaceholderData ? style.stale : ""}>
        <Loaded query={query} what={measure.title.toLowerCase()}>
          {({ items }) => <Chart {...{ measure, items, range, model }} />}
        </Loaded>
      </div>
    </Panel>
  );
}

interface ChartProps<T> extends Omit<MeasurePanelProps<T>, "query"> {
  items: readonly T[];
}

function Chart<T extends StepOfTime>({ measure, items, range, model }: ChartProps<T>) {
  const marks = useMemo(
    () => marksOf(items, measure, range, model).slice(-MOST_MARKS),
    [items, measure, range, model],
  );
  const axis = useMemo(() => axisOf(measure, marks), [measure, marks]);
  if (!marks.length) return <p className={style.nothing}>{measure.nothing}</p>;
  return (
    <TimeChart
      title={`${measure.title} over time`}
      series={measure.series}
      marks={marks}
      domain={range.domain}
      step={STEP_MS[range.step]}
      clock={clockOf(range.step)}
      axis={axis}
      format={measure.format}
      formatTick={measure.formatTick ?? measure.format}
    />
  );
}

const NO_AXIS: Axis = {};

function axisOf<T>(measure: Measure<T>, marks: readonly Mark[]): Axis {
  return measure.axis?.(highest(marks, measure.series)) ?? NO_AXIS;
}
