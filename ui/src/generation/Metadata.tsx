/** What else the source says of a document. */

import type { Schema } from "../api/client";
import { Disclosure } from "./Disclosure";
import style from "./Metadata.module.css";
import { type Origin, webAddress } from "./metadata";

export function Metadata({ origin, document }: { origin: Origin; document: Schema["DocumentModel"] }) {
  const rows: [string, string][] = [["id", document.id], ["index", document.index], ...origin.rest];
  return (
    <Disclosure label="Metadata">
      <dl className={style.metadata}>
        {rows.map(([key, value], place) => (
          <div key={`${place}-${key}`}>
            <dt className="foreign">{key}</dt>
            <dd className="foreign">
              <Value value={value} />
            </dd>
          </div>
        ))}
      </dl>
    </Disclosure>
  );
}

function Value({ value }: { value: string }) {
  const link = webAddress(value);
  if (!link) return value;
  return (
    <a href={link.address} target="_blank" rel="noopener noreferrer">
      {value}
    </a>
  );
}
