/** What each rule says of the items of a benchmark, and the scores of those that it calls clean. */

import { formatCount } from "../ui/format";
import { Panel } from "../ui/layout";
import style from "./audits.module.css";
import { Figure } from "./Measures";
import { type Report, type Variant, VERDICTS, type Verdict } from "./report";

export function Variants({ report: { variants, holders } }: { report: Report }) {
  const withScores = variants.some(({ scores }) => scores);
  return (
    <Panel label="Verdicts" className={style.section}>
      <h2>Verdicts</h2>
      <p className={style.hint}>
        How many items are clean, suspicious or dirty, or too short to judge, by each rule.
      </p>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by keyboard */}
      <section className={style.scroll} aria-label="Table of verdicts" tabIndex={0}>
        <table className={style.table}>
          <thead>
            <tr>
              <th scope="col">Rule</th>
              {VERDICTS.map((verdict) => (
                <th key={verdict} scope="col">
                  {verdict}
                </th>
              ))}
              <td className={style.barCell} />
              {withScores ? <th scope="col">Score of all</th> : null}
              {withScores ? <th scope="col">Score of the clean</th> : null}
            </tr>
          </thead>
          <tbody>
            {variants.map((variant) => (
              <tr key={variant.name}>
                <th scope="row">
                  {variant.name}
                  <span className={style.rule}>{variant.rule}</span>
                </th>
                {VERDICTS.map((verdict) => (
                  <td key={verdict}>{formatCount(variant.items[verdict])}</td>
                ))}
                <td className={style.barCell}>
                  <Parts variant={variant} />
                </td>
                {withScores ? <Figure value={variant.scores?.all} isShare={false} /> : null}
                {withScores ? <Figure value={variant.scores?.clean} isShare={false} /> : null}
              </tr>
            ))}
          </tbody>
        </table>
      </section>
      {holders.length ? (
        <ul className={style.indexes} aria-label="Documents that hold items">
          {holders.map(({ index, file, documents }) => (
            <li key={index} className="foreign">
              {formatCount(documents)} documents of <strong>{index}</strong> hold items
              {file ? (
                <>
                  : <code>wherefrom remove --ids-file</code> takes <code>{file}</code> of the report's folder
                </>
              ) : null}
            </li>
          ))}
        </ul>
      ) : null}
    </Panel>
  );
}

const CLASSES: Record<Verdict, string | undefined> = {
  clean: style.clean,
  suspicious: style.suspicious,
  dirty: style.dirty,
  short: style.short,
};

function Parts({ variant: { items } }: { variant: Variant }) {
  const all = VERDICTS.reduce((sum, verdict) => sum + items[verdict], 0) || 1;
  return (
    <span className={`${style.bar} ${style.parts}`} aria-hidden="true">
      {VERDICTS.map((verdict) => (
        <span
          key={verdict}
          className={CLASSES[verdict]}
          style={{ width: `${(100 * items[verdict]) / all}%` }}
        />
      ))}
    </span>
  );
}
