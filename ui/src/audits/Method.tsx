/** How a report was made, and what it does not say. */

import { CopyButton } from "../messages/CopyButton";
import { Panel } from "../ui/layout";
import style from "./audits.module.css";
import type { Report } from "./report";
import { nameOf } from "./words";

export function Method({ report }: { report: Report }) {
  return (
    <Panel label="How it was made" className={style.section}>
      <h2>How it was made</h2>
      {report.command ? (
        <div className={style.command}>
          {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by keyboard */}
          <pre className={`foreign ${style.commands}`} tabIndex={0}>
            <code>{report.command}</code>
          </pre>
          <CopyButton text={() => report.command} what="the command" />
        </div>
      ) : null}
      {report.parameters.length ? (
        <dl className={style.parameters}>
          {report.parameters.map(([name, value]) => (
            <div key={name}>
              <dt>{nameOf(name)}</dt>
              <dd className="foreign">{value || "none"}</dd>
            </div>
          ))}
        </dl>
      ) : null}
      {report.limits.length ? (
        <>
          <h3>What it does not say</h3>
          <ul className={style.limits}>
            {report.limits.map((limit) => (
              <li key={limit}>{limit}</li>
            ))}
          </ul>
        </>
      ) : null}
    </Panel>
  );
}
