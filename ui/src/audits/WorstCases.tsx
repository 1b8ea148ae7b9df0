/** The outputs that have the most in common with the corpus, their passages marked, with the documents of these. */

import { Link } from "@tanstack/react-router";
import { useMemo, useState } from "react";
import { useIndexes } from "../indexes/queries";
import { Fold } from "../messages/Fold";
import { Visible } from "../text/Snippet";
import { Button } from "../ui/controls";
import { formatShare, plural, shorten } from "../ui/format";
import { Panel } from "../ui/layout";
import style from "./audits.module.css";
import { stretchesOf } from "./marking";
import type { Report, WorstCase, WorstPassage } from "./report";
import { type Served, servedNames } from "./served";

const FIRST = 5;
const SHOWN_DOCUMENTS = 5;
const NAMED = 80;

interface WorstCasesProps {
  cases: readonly WorstCase[];
  /** What they are. */
  of: "output" | "item";
  /** Those that they were compared with. */
  indexes: Report["indexes"];
}

const TITLES = { output: "Outputs with the most in common", item: "Items that stand in the corpus" };

export function WorstCases({ cases, of, indexes }: WorstCasesProps) {
  const items = useIndexes().data?.items;
  const served = useMemo(() => servedNames(indexes, items ?? []), [indexes, items]);
  const [shown, setShown] = useState(FIRST);
  if (!cases.length) return null;
  return (
    <section className={style.section} aria-labelledby="worst">
      <div>
        <h2 id="worst">{TITLES[of]}</h2>
        <p className={style.hint}>What stands in the corpus word for word is marked.</p>
      </div>
      <ol className={style.list} aria-label={TITLES[of]}>
        {cases.slice(0, shown).map((one, place) => (
          <li key={`${place} ${one.id}`}>
            <Case one={one} of={of} served={served} />
          </li>
        ))}
      </ol>
      {cases.length > shown ? (
        <Button className={style.more} onClick={() => setShown(shown + 4 * FIRST)}>
          Show more of {plural(cases.length, of)}
        </Button>
      ) : null}
    </section>
  );
}

interface CaseProps {
  one: WorstCase;
  of: "output" | "item";
  served: Served;
}

function Case({ one, of, served }: CaseProps) {
  const name = one.id || (one.line === null ? "without a name" : `Line ${one.line}`);
  const stretches = useMemo(() => stretchesOf(one.text, one.passages), [one]);
  return (
    <Panel label={`${of === "item" ? "Item" : "Output"} ${name}`} className={style.section}>
      <div className={style.head}>
        <h3 className="foreign">{shorten(name, NAMED)}</h3>
        <span className={style.hint}>
          {one.longest === null ? "" : `longest ${plural(one.longest, "character")}`}
          {one.coverage === null ? "" : `, coverage ${formatShare(one.coverage)}`}
          {one.line === null ? "" : `, line ${one.line}`}
        </span>
      </div>
      {one.prompt ? (
        <Fold label="Prompt">
          <div className={`foreign ${style.text}`} dir="auto">
            <Visible text={one.prompt} />
          </div>
        </Fold>
      ) : null}
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by keyboard */}
      <section className={`foreign ${style.text}`} dir="auto" aria-label={`Text of ${name}`} tabIndex={0}>
        {stretches.map((stretch, place) =>
          stretch.passages.length ? (
            <mark key={place}>
              <Visible text={stretch.text} />
            </mark>
          ) : (
            <Visible key={place} text={stretch.text} />
          ),
        )}
      </section>
      {one.passages.length ? (
        <Fold label={plural(one.passages.length, "passage")} isOpenFirst={one.passages.length <= 3}>
          <ul className={style.passages} aria-label={`Passages of ${name}`}>
            {one.passages.map((passage, place) => (
              <li key={place}>
                <Passage passage={passage} text={one.text} served={served} />
              </li>
            ))}
          </ul>
        </Fold>
      ) : null}
    </Panel>
  );
}

interface PassageProps {
  passage: WorstPassage;
  text: string;
  served: Served;
}

function Passage({ passage, text, served }: PassageProps) {
  const words = useMemo(() => wordsOf(passage, text), [passage, text]);
  const { documents, count } = passage;
  return (
    <>
      <q className="foreign">{shorten(words, NAMED)}</q>
      <span className={style.hint}>
        {plural(passage.end - passage.start, "character")}
        {count === null ? "" : `, ${plural(count, "occurrence")}`}
        {documents.length ? " in " : ""}
        {documents.slice(0, SHOWN_DOCUMENTS).map((document, place) => (
          <span key={place}>
            {place ? ", " : ""}
            <DocumentLink id={document.id} index={served.get(document.index)} highlight={words} />
          </span>
        ))}
        {documents.length > SHOWN_DOCUMENTS ? ` and ${documents.length - SHOWN_DOCUMENTS} more` : ""}
      </span>
    </>
  );
}

function wordsOf(passage: WorstPassage, text: string): string {
  return stretchesOf(text, [passage])
    .filter(({ passages }) => passages.length)
    .map((stretch) => stretch.text)
    .join("");
}

const LONGEST_HIGHLIGHT = 2_000;

interface DocumentLinkProps {
  id: string;
  /** Its name here; none: the service does not have it. */
  index: string | undefined;
  highlight: string;
}

function DocumentLink({ id, index, highlight }: DocumentLinkProps) {
  if (!index) return <span className="foreign">{id}</span>;
  const marked = highlight.length <= LONGEST_HIGHLIGHT ? { highlight } : {};
  return (
    <Link to="/documents" search={{ index, id, ...marked }} className="foreign">
      {id}
    </Link>
  );
}
