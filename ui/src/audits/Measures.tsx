/** The figures over all outputs, beside those of what they are compared with. */

import { formatShare } from "../ui/format";
import { Panel } from "../ui/layout";
import style from "./audits.module.css";
import type { Group, Measured, Report, Value } from "./report";
import { formatOf, intervalOf, isShare, measureName } from "./words";

export function Measures({ report, overall }: { report: Report; overall: Group }) {
  const { baseline, differences } = report;
  if (!overall.measures.length) return null;
  return (
    <Panel label="Measures" className={style.section}>
      <h2>Measures</h2>
      <p className={style.hint}>
        Means over the outputs{hasIntervals(overall) ? `, with their ${confidenceOf(report)}intervals` : ""}.
        {baseline ? ` The baseline is ${baseline.outputs ?? "some"} outputs.` : " There is no baseline."}
      </p>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by keyboard */}
      <section className={style.scroll} aria-label="Table of measures" tabIndex={0}>
        <table className={style.table}>
          <thead>
            <tr>
              <th scope="col">Measure</th>
              <th scope="col">All outputs</th>
              {baseline ? <th scope="col">Baseline</th> : null}
              {differences.length ? <th scope="col">Difference</th> : null}
            </tr>
          </thead>
          <tbody>
            {overall.measures.map((measure) => {
              const other = find(baseline?.measures, measure.name);
              const difference = find(differences, measure.name);
              const inPercent = isShare(measure.name, [measure, ...(other ? [other] : [])]);
              return (
                <tr key={measure.name}>
                  <th scope="row">{measureName(measure.name)}</th>
                  <Figure value={measure} isShare={inPercent} />
                  {baseline ? <Figure value={other} isShare={inPercent} /> : null}
                  {differences.length ? <Figure value={difference} isShare={inPercent} /> : null}
                </tr>
              );
            })}
          </tbody>
        </table>
      </section>
    </Panel>
  );
}

export function Figure({ value, isShare }: { value: Value | undefined; isShare: boolean }) {
  const format = formatOf(isShare);
  if (!value) return <td>{format(null)}</td>;
  const interval = intervalOf(value, format);
  return (
    <td>
      <strong>{format(value.value)}</strong>
      {interval ? <span className={style.interval}>{interval}</span> : null}
    </td>
  );
}

function find(measures: readonly Measured[] | undefined, name: string): Measured | undefined {
  return measures?.find((one) => one.name === name);
}

/** "95% " */
function confidenceOf(report: Report): string {
  const confidence = Number(report.parameters.find(([name]) => name === "confidence")?.[1]);
  return confidence > 0 && confidence < 1 ? `${formatShare(confidence)} ` : "";
}

function hasIntervals(group: Group): boolean {
  return group.measures.some(({ low, high }) => low !== null && high !== null);
}
