/** The curves of all outputs, or of a group of them, beside those of the baseline. */

import { useMemo } from "react";
import { CurveChart } from "../charts/CurveChart";
import { Select } from "../ui/controls";
import { formatShare } from "../ui/format";
import { Panel } from "../ui/layout";
import style from "./audits.module.css";
import { CURVES, type CurveName, type Group, type Report } from "./report";
import type { AuditSearch } from "./search";

const TOLD: Record<CurveName, { title: string; hint: string; over: string }> = {
  novelty: {
    title: "Novelty of n-grams",
    hint: "The share of the outputs' n-grams that stand nowhere in the corpus.",
    over: "Tokens of the n-gram",
  },
  tail: {
    title: "Longest matches",
    hint: "The share of the outputs whose longest match has at least so many characters.",
    over: "Characters",
  },
  share_tail: {
    title: "Outputs made of long matches",
    hint: "The share of the outputs of which at least so much stands in long matches.",
    over: "Percent of the output's characters",
  },
  coverage: {
    title: "Coverage",
    hint: "The share of characters in matches of at least so many characters.",
    over: "Least characters of a match",
  },
  uniqueness: {
    title: "L-uniqueness",
    hint: "The share of words in no n-gram of at least L words that stands in the corpus.",
    over: "L, words",
  },
  suffix_histogram: {
    title: "Longest suffixes",
    hint: "The share of places at which the longest match that ends there has so many tokens; the last: so many or more.",
    over: "Tokens",
  },
};

interface CurvesProps {
  report: Report;
  shown: Group | null;
  onChange: (change: Partial<AuditSearch>) => void;
}

export function Curves({ report, shown, onChange }: CurvesProps) {
  const choices = useMemo(() => choicesOf(report), [report]);
  if (!shown) return null;
  const groups = [shown, ...(report.baseline ? [report.baseline] : [])];
  const drawn = CURVES.filter((name) => groups.some(({ curves }) => curves[name].length));
  if (!drawn.length) return null;
  const chosen = choices.findIndex(({ group }) => group === shown);
  return (
    <section className={style.section} aria-labelledby="curves">
      <div className={style.head}>
        <h2 id="curves">Curves</h2>
        {choices.length > 1 ? (
          <Select
            label="Outputs"
            value={String(Math.max(0, chosen))}
            choices={choices.map(({ label }, place) => ({ value: String(place), label }))}
            onChoose={(place) => onChange(choices[Number(place)]?.search ?? {})}
          />
        ) : null}
      </div>
      <div className={style.charts}>
        {drawn.map((name) => (
          <CurvePanel
            key={name}
            name={name}
            shown={shown}
            isAll={shown === report.overall}
            baseline={report.baseline}
          />
        ))}
      </div>
    </section>
  );
}

interface CurvePanelProps {
  name: CurveName;
  shown: Group;
  isAll: boolean;
  baseline: Group | null;
}

function CurvePanel({ name, shown, isAll, baseline }: CurvePanelProps) {
  const { title, hint, over } = TOLD[name];
  const curves = useMemo(
    () => [
      { name: isAll ? "all outputs" : shown.name, points: shown.curves[name] },
      ...(baseline?.curves[name].length ? [{ name: "baseline", points: baseline.curves[name] }] : []),
    ],
    [name, shown, isAll, baseline],
  );
  return (
    <Panel label={title} className={style.chart}>
      <h3>{title}</h3>
      <p className={style.hint}>{hint}</p>
      <CurveChart title={title} over={over} curves={curves} format={formatShare} />
    </Panel>
  );
}

interface GroupChoice {
  label: string;
  group: Group | null;
  search: Partial<AuditSearch>;
}

function choicesOf(report: Report): GroupChoice[] {
  return [
    { label: "All outputs", group: report.overall, search: { field: undefined, group: undefined } },
    ...report.groups.flatMap(({ field, groups }) =>
      groups.map((group) => ({
        label: `${field}: ${group.name}`,
        group,
        search: { field, group: group.name },
      })),
    ),
  ];
}
