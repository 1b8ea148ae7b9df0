/** How often a phrase stands in the indexes, and in which documents. */

import { Link } from "@tanstack/react-router";
import { type FormEvent, useEffect, useState } from "react";
import type { Schema } from "../api/client";
import { Snippet } from "../text/Snippet";
import { Button, TextField } from "../ui/controls";
import { formatCount, plural } from "../ui/format";
import { Panel } from "../ui/layout";
import { Empty, Loaded } from "../ui/states";
import style from "./indexes.module.css";
import { usePhrase } from "./queries";

const LONGEST = 10_000;

interface PhraseSearchProps {
  phrase: string | undefined;
  /** Names; none: all indexes. */
  indexes: readonly string[];
  onSearch: (phrase: string | undefined) => void;
}

export function PhraseSearch({ phrase, indexes, onSearch }: PhraseSearchProps) {
  const [written, setWritten] = useState(phrase ?? "");
  useEffect(() => setWritten(phrase ?? ""), [phrase]);
  const query = usePhrase(phrase, indexes);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    onSearch(written || undefined);
  };
  return (
    <Panel label="Phrase search" className={style.phrase}>
      <h2>Phrase search</h2>
      <form className={style.form} onSubmit={submit}>
        <TextField
          label="Phrase"
          hint="Counted as it stands, cut anywhere: letters, spaces and punctuation must be the same."
          value={written}
          maxLength={LONGEST}
          onChange={(event) => setWritten(event.target.value)}
        />
        <Button type="submit" look="primary" disabled={!written}>
          Count
        </Button>
      </form>
      {phrase ? (
        <Loaded query={query} what="the count">
          {(counts) => <Counts counts={counts} />}
        </Loaded>
      ) : null}
    </Panel>
  );
}

function Counts({ counts }: { counts: Schema["PhraseCounts"] }) {
  if (counts.count === 0) {
    return (
      <Empty title="It stands nowhere">
        No document holds these characters in this order. Other spelling, spaces or quotation marks are other
        characters.
      </Empty>
    );
  }
  const several = Object.entries(counts.counts);
  return (
    <div className={style.counts}>
      <p role="status">
        <strong>
          {counts.count_is_lower_bound ? "At least " : ""}
          {plural(counts.count, "occurrence")}
        </strong>
        {counts.occurrences.length
          ? `; shown: one each in ${plural(counts.occurrences.length, "document")}`
          : ""}
      </p>
      {several.length > 1 ? (
        <ul className={style.byIndex} aria-label="Occurrences by index">
          {several.map(([name, count]) => (
            <li key={name} className="foreign">
              {name}: {formatCount(count)}
            </li>
          ))}
        </ul>
      ) : null}
      <ol className={style.occurrences} aria-label="Documents with the phrase">
        {counts.occurrences.map((occurrence) => (
          <li key={`${occurrence.index}/${occurrence.document_id}`}>
            <Link
              to="/documents"
              search={{
                index: occurrence.index,
                id: occurrence.document_id,
                highlight: counts.text,
                at: occurrence.start,
              }}
              className="foreign"
            >
              {occurrence.document_id}
            </Link>{" "}
            <span className={`foreign ${style.soft}`}>in {occurrence.index}</span>
            <Snippet
              text={occurrence.context}
              highlight={[occurrence.highlight[0] ?? 0, occurrence.highlight[1] ?? 0]}
            />
          </li>
        ))}
      </ol>
    </div>
  );
}
