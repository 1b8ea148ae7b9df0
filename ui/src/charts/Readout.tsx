/** The values of the mark that is pointed at. Screen readers have them in the mark's name. */

import { EDGES } from "./Drawing";
import type { Mark, Series } from "./marks";
import { timeScale } from "./scales";
import { Sample } from "./TimeChart";
import style from "./TimeChart.module.css";

interface ReadoutProps {
  mark: Mark;
  series: readonly Series[];
  format: (value: number | null) => string;
  domain: readonly [number, number];
  width: number;
}

export function Readout({ mark, series, format, domain, width }: ReadoutProps) {
  const x = timeScale(domain, Math.max(1, width - EDGES.left - EDGES.right));
  const middle = EDGES.left + (x(mark.start) + x(mark.end)) / 2;
  // It stands on the side where there is more room.
  const side = middle > width / 2 ? { right: width - middle + 10 } : { left: middle + 10 };
  return (
    <div className={style.readout} style={side} aria-hidden="true">
      <div className={style.readoutWhen}>{mark.when.replace(/^(on|at|in) (the )?/, "")}</div>
      {series.map(({ name, shape }, place) => (
        <div key={name} className={style.readoutValue}>
          <Sample shape={shape} place={place} />
          {name}
          <b>{format(mark.values[place] ?? null)}</b>
        </div>
      ))}
    </div>
  );
}
