/** Groups of outputs beside each other, by one measure. */

import { Link } from "@tanstack/react-router";
import { useMemo } from "react";
import { Select } from "../ui/controls";
import { formatCount, plural } from "../ui/format";
import { Panel } from "../ui/layout";
import style from "./audits.module.css";
import { Figure } from "./Measures";
import type { Group, Measured, Report } from "./report";
import type { AuditSearch } from "./search";
import { isShare, measureName } from "./words";

const MOST = 200;

interface GroupsProps {
  report: Report;
  measure: string | undefined;
  onChange: (change: Partial<AuditSearch>) => void;
}

export function Groups({ report, measure, onChange }: GroupsProps) {
  const names = useMemo(() => measuresOf(report), [report]);
  const chosen = names.find((name) => name === measure) ?? names[0];
  if (!report.groups.length || !chosen) return null;
  return (
    <section className={style.section} aria-labelledby="groups">
      <div className={style.head}>
        <h2 id="groups">Groups</h2>
        <Select
          label="Measure"
          value={chosen}
          choices={names.map((name) => ({ value: name, label: measureName(name) }))}
          onChoose={(name) => onChange({ measure: name })}
        />
      </div>
      {report.groups.map(({ field, groups }) => (
        <FieldPanel key={field} {...{ field, groups, measure: chosen, baseline: report.baseline }} />
      ))}
    </section>
  );
}

interface FieldPanelProps {
  field: string;
  groups: readonly Group[];
  measure: string;
  baseline: Group | null;
}

interface Row {
  group: Group;
  value: Measured | undefined;
  isBaseline: boolean;
}

function FieldPanel({ field, groups, measure, baseline }: FieldPanelProps) {
  const row = (group: Group, isBaseline: boolean): Row => ({
    group,
    value: group.measures.find(({ name }) => name === measure),
    isBaseline,
  });
  const rows = groups
    .slice(0, MOST)
    .map((group) => row(group, false))
    .sort((one, other) => (other.value?.value ?? -1) - (one.value?.value ?? -1));
  const all = baseline ? [...rows, row(baseline, true)] : rows;
  const inPercent = isShare(
    measure,
    all.flatMap(({ value }) => value ?? []),
  );
  const top = all.reduce((most, { value }) => Math.max(most, value?.high ?? 0, value?.value ?? 0), 0) || 1;
  return (
    <Panel label={`By ${field}`} className={style.section}>
      <h3 className="foreign">By {field}</h3>
      {groups.length > MOST ? (
        <p className={style.hint}>
          The first {MOST} of {plural(groups.length, "group")} are shown.
        </p>
      ) : null}
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by keyboard */}
      <section className={style.scroll} aria-label={`Table of groups by ${field}`} tabIndex={0}>
        <table className={style.table}>
          <thead>
            <tr>
              <th scope="col">Group</th>
              <th scope="col">Outputs</th>
              <th scope="col">{measureName(measure)}</th>
              <td className={style.barCell} />
            </tr>
          </thead>
          <tbody>
            {all.map(({ group, value, isBaseline }) => (
              <tr key={isBaseline ? "baseline" : `group ${group.name}`}>
                <th scope="row" className="foreign">
                  {isBaseline ? (
                    "Baseline"
                  ) : (
                    <Link
                      to="."
                      search={(before: AuditSearch) => ({ ...before, field, group: group.name })}
                      hash="curves"
                    >
                      {group.name || "no value"}
                    </Link>
                  )}
                </th>
                <td>{formatCount(group.outputs)}</td>
                <Figure value={value} isShare={inPercent} />
                <td className={style.barCell}>
                  <Bar value={value} top={top} isBaseline={isBaseline} />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </section>
    </Panel>
  );
}

/** The value as a bar, and its interval as a line over it. */
function Bar({ value, top, isBaseline }: { value: Measured | undefined; top: number; isBaseline: boolean }) {
  if (value?.value === undefined || value.value === null) return null;
  const percent = (one: number) => `${(100 * Math.max(0, one)) / top}%`;
  return (
    <span className={style.bar} aria-hidden="true">
      {value.value > 0 ? (
        <span
          className={isBaseline ? style.baselineFill : style.fill}
          style={{ width: percent(value.value) }}
        />
      ) : null}
      {value.low !== null && value.high !== null && value.high > value.low ? (
        <span
          className={style.whisker}
          style={{ left: percent(value.low), width: percent(value.high - Math.max(0, value.low)) }}
        />
      ) : null}
    </span>
  );
}

function measuresOf(report: Report): string[] {
  const groups = report.groups.flatMap((one) => one.groups);
  return [...new Set(groups.flatMap(({ measures }) => measures.map(({ name }) => name)))];
}
