/** What the provenance of a text comes to in numbers. */

import type { ReactNode } from "react";
import type { Schema } from "../api/client";
import { formatCount, formatShare, plural } from "../ui/format";
import style from "./Figures.module.css";
import { bitsOf, countWords, longestOf, rarestOf } from "./rarity";

interface FiguresProps {
  provenance: Schema["ProvenanceModel"];
  onSelect: (span: number) => void;
}

export function Figures({ provenance, onSelect }: FiguresProps) {
  const { spans, coverage, shown_coverage: shown } = provenance;
  const longest = longestOf(spans);
  const longestPlace = spans.findIndex((span) => span.end - span.start === longest);
  const rarestPlace = rarestOf(spans);
  const rarest = rarestPlace === undefined ? undefined : spans[rarestPlace];
  return (
    <dl className={style.figures} aria-label="Figures">
      <Figure label="Stands in the indexes" value={formatShare(coverage)} meter={coverage}>
        {shown === coverage
          ? "of its characters, word for word"
          : `of its characters; ${formatShare(shown)} is shown`}
      </Figure>
      <Figure
        label="Longest passage"
        value={longest ? formatCount(longest) : "none"}
        unit={longest === 1 ? "character" : longest ? "characters" : undefined}
      >
        {longest ? (
          <Pick what="the longest passage" onPick={() => onSelect(longestPlace)} />
        ) : (
          "nothing as long as was asked for"
        )}
      </Figure>
      <Figure label="Passages" value={formatCount(spans.length)}>
        {plural(provenance.documents.length, "document")}
      </Figure>
      {rarest && rarestPlace !== undefined ? (
        <Figure
          label="Rarest passage"
          value={formatCount(Math.round(bitsOf(rarest.log_probability)))}
          unit="bits"
        >
          {countWords(rarest)} · <Pick what="the rarest passage" onPick={() => onSelect(rarestPlace)} />
        </Figure>
      ) : null}
    </dl>
  );
}

interface FigureProps {
  label: string;
  value: string;
  unit?: string | undefined;
  /** A share, drawn as a bar. */
  meter?: number;
  children?: ReactNode;
}

function Figure({ label, value, unit, meter, children }: FigureProps) {
  return (
    <div className={style.figure}>
      <dt>{label}</dt>
      <dd>
        <span>
          <span className={style.value}>{value}</span>
          {unit ? <span className={style.unit}> {unit}</span> : null}
        </span>
        {meter === undefined ? null : (
          <span className={style.meter} aria-hidden="true">
            <span style={{ inlineSize: `${meter * 100}%` }} />
          </span>
        )}
        <span className={style.more}>{children}</span>
      </dd>
    </div>
  );
}

function Pick({ what, onPick }: { what: string; onPick: () => void }) {
  return (
    <button type="button" className={style.pick} onClick={onPick}>
      show<span className="unseen"> {what}</span>
    </button>
  );
}
