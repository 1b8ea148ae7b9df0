/** Personal data and secrets in what stands in the corpus. */

import { formatCount, plural } from "../ui/format";
import { Fact, Facts, Panel } from "../ui/layout";
import style from "./audits.module.css";
import type { Report } from "./report";
import { FINDINGS, nameOf } from "./words";

export function Findings({ report }: { report: Report }) {
  return (
    <Panel label="Personal data and secrets" className={style.section}>
      <h2>Personal data and secrets</h2>
      {report.findings.length ? (
        <Facts>
          {report.findings.map(({ kind, count, outputs }) => (
            <Fact key={kind} label={FINDINGS[kind] ?? nameOf(kind)}>
              {formatCount(count)}
              {outputs === null ? "" : ` in ${plural(outputs, "output")}`}
            </Fact>
          ))}
        </Facts>
      ) : (
        <p className={style.hint}>None was found in matched text.</p>
      )}
    </Panel>
  );
}
