/** What is told of a passage before it is selected. */

import type { Schema } from "../api/client";
import { plural, shorten } from "../ui/format";
import { originOf } from "./metadata";
import style from "./Preview.module.css";
import { countWords } from "./rarity";

const SHOWN = 3;
const LONGEST_TITLE = 70;

export function Preview({ provenance, place }: { provenance: Schema["ProvenanceModel"]; place: number }) {
  const span = provenance.spans[place];
  if (!span) return null;
  const documents = span.documents.flatMap((at) => provenance.documents[at] ?? []);
  return (
    <div className={style.preview}>
      <p className={style.first}>
        {plural(span.end - span.start, "character")} · {countWords(span)}
      </p>
      <ul>
        {documents.slice(0, SHOWN).map((document) => (
          <li key={`${document.index} ${document.id}`} className="foreign">
            {shorten(originOf(document.metadata).title ?? document.id, LONGEST_TITLE)}
          </li>
        ))}
      </ul>
      {documents.length > SHOWN ? (
        <p className={style.soft}>and {plural(documents.length - SHOWN, "other document")}</p>
      ) : null}
    </div>
  );
}
