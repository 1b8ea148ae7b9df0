/** The figures of both sides with their differences, and the passages that both have. */

import { useMemo } from "react";
import type { Schema } from "../api/client";
import { Button } from "../ui/controls";
import { formatCount, formatShare, plural, shorten, UNKNOWN } from "../ui/format";
import { Panel } from "../ui/layout";
import style from "./Differences.module.css";
import {
  countSharedDocuments,
  type Figures,
  figuresOf,
  type SharedPassage,
  sharedPassages,
} from "./differences";

interface DifferencesProps {
  left: Schema["ProvenanceModel"];
  right: Schema["ProvenanceModel"];
  onSelect: (passage: SharedPassage) => void;
}

interface Row {
  name: keyof Figures;
  label: string;
  format: (value: number) => string;
  /** A difference of shares is one of percentage points. */
  difference: (value: number) => string;
}

const points = (value: number) => `${formatCount(Math.round(value * 1000) / 10)} points`;
const bits = (value: number) => `${formatCount(Math.round(value))} bits`;

const ROWS: readonly Row[] = [
  { name: "coverage", label: "Stands in the indexes", format: formatShare, difference: points },
  { name: "shown", label: "Shown", format: formatShare, difference: points },
  { name: "longest", label: "Longest passage, characters", format: formatCount, difference: formatCount },
  { name: "passages", label: "Passages", format: formatCount, difference: formatCount },
  { name: "documents", label: "Documents", format: formatCount, difference: formatCount },
  { name: "bits", label: "Rarest passage", format: bits, difference: bits },
];

export function Differences({ left, right, onSelect }: DifferencesProps) {
  const [before, after] = [figuresOf(left), figuresOf(right)];
  return (
    <Panel label="Differences" className={style.differences ?? ""}>
      <table className={style.table}>
        <thead>
          <tr>
            <th scope="col">Figure</th>
            <th scope="col">Left</th>
            <th scope="col">Right</th>
            <th scope="col">Difference</th>
          </tr>
        </thead>
        <tbody>
          {ROWS.map((row) => (
            <tr key={row.name}>
              <th scope="row">{row.label}</th>
              <td>{written(before[row.name], row.format)}</td>
              <td>{written(after[row.name], row.format)}</td>
              <td className={style.difference}>{differenceOf(before[row.name], after[row.name], row)}</td>
            </tr>
          ))}
        </tbody>
      </table>
      <Shared left={left} right={right} onSelect={onSelect} />
    </Panel>
  );
}

function written(value: number | null, format: Row["format"]): string {
  return value === null ? UNKNOWN : format(value);
}

function differenceOf(before: number | null, after: number | null, row: Row): string {
  if (before === null || after === null) return UNKNOWN;
  const size = row.difference(Math.abs(after - before));
  if (size === row.difference(0)) return "same";
  return `${after > before ? "+" : "−"}${size}`;
}

const MOST_SHARED = 8;
const LONGEST_QUOTE = 90;

function Shared({ left, right, onSelect }: DifferencesProps) {
  const shared = useMemo(() => sharedPassages(left, right), [left, right]);
  const documents = useMemo(() => countSharedDocuments(left, right), [left, right]);
  return (
    <div className={style.shared}>
      <h2 className={style.heading}>On both sides</h2>
      <p>
        {shared.length === 0 ? "No passage stands on both sides" : plural(shared.length, "passage")}
        {documents === 0 ? ", and no document." : `, and ${plural(documents, "document")}.`}
      </p>
      <ul>
        {shared.slice(0, MOST_SHARED).map((passage) => (
          <li key={passage.text}>
            <Button look="plain" className={style.passage ?? ""} onClick={() => onSelect(passage)}>
              <span className="unseen">Select on both sides: </span>
              <span className="foreign">{shorten(passage.text, LONGEST_QUOTE)}</span>
            </Button>
          </li>
        ))}
      </ul>
      {shared.length > MOST_SHARED ? (
        <p>and {plural(shared.length - MOST_SHARED, "shorter passage")}</p>
      ) : null}
    </div>
  );
}
