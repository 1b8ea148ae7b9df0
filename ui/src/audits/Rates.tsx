/** How much of its training data a model gave back: by how often it stands there, and by the length of the prompt. */

import { useMemo } from "react";
import { CurveChart } from "../charts/CurveChart";
import { formatCount, formatShare } from "../ui/format";
import { Panel } from "../ui/layout";
import style from "./audits.module.css";
import { Figure } from "./Measures";
import type { Attempt, Rate, Report } from "./report";

const HELD_OUT = "held out";

export function Rates({ report: { rates, given } }: { report: Report }) {
  const longest = Math.max(...rates.map(({ prefix }) => prefix));
  const curves = useMemo(() => curvesOf(rates, longest), [rates, longest]);
  return (
    <>
      <Panel label="Extraction against duplicates" className={style.section}>
        <h2>Extraction against duplicates</h2>
        <p className={style.hint}>
          The share of sequences that the model gives back token by token, prompted with {longest} tokens. 0:
          held-out text, which does not stand in the corpus.
        </p>
        <CurveChart
          title="Extraction against duplicates"
          over="Least occurrences in the corpus"
          curves={curves}
          format={formatShare}
        />
      </Panel>
      <Panel label="Rates" className={style.section}>
        <h2>Rates</h2>
        {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by keyboard */}
        <section className={style.scroll} aria-label="Table of rates" tabIndex={0}>
          <table className={style.table}>
            <thead>
              <tr>
                <th scope="col">Occurrences</th>
                <th scope="col">Prompt, tokens</th>
                <th scope="col">Sequences</th>
                <th scope="col">Verbatim</th>
                <th scope="col">In some sample</th>
                <th scope="col">Approximate</th>
              </tr>
            </thead>
            <tbody>
              {rates.map((rate) => (
                <tr key={`${rate.duplicates} ${rate.prefix}`}>
                  <th scope="row">{rate.duplicates || HELD_OUT}</th>
                  <td>{formatCount(rate.prefix)}</td>
                  <td>{formatCount(rate.sequences)}</td>
                  <Figure value={rate.verbatim} isShare />
                  <Figure value={rate.sampled} isShare />
                  <Figure value={rate.approximate} isShare />
                </tr>
              ))}
            </tbody>
          </table>
        </section>
      </Panel>
      {given.length ? <Given attempts={given} /> : null}
    </>
  );
}

function Given({ attempts }: { attempts: Attempt[] }) {
  return (
    <Panel label="Sequences given back" className={style.section}>
      <h2>Sequences given back</h2>
      <p className={style.hint}>
        Those that stand in the corpus least often come first. Marked is what the model gave.
      </p>
      <ol className={style.given}>
        {attempts.map(({ index, document, duplicates, prompt, given }, place) => (
          <li key={place} className="foreign">
            <p className={style.hint}>
              <strong>{document}</strong> {index ? `of ${index}, ` : `${HELD_OUT}, `}
              {formatCount(duplicates)} occurrences
            </p>
            <p>
              {prompt}
              <mark>{given}</mark>
            </p>
          </li>
        ))}
      </ol>
    </Panel>
  );
}

function curvesOf(rates: Rate[], longest: number) {
  const points = rates
    .filter(({ prefix }) => prefix === longest)
    .map(({ least, verbatim }) => ({ x: least, ...verbatim }))
    .sort((one, other) => one.x - other.x);
  return [{ name: "verbatim", points }];
}
