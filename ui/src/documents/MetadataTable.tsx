/** Everything that the source said of a document. Keys and values are whatever the corpus holds. */

import { webAddress } from "../generation/metadata";
import style from "./DocumentPage.module.css";

export function MetadataTable({ metadata }: { metadata: Record<string, unknown> }) {
  const rows = Object.entries(metadata);
  if (!rows.length) return <p className={style.none}>The source has no metadata of it.</p>;
  return (
    <dl className={style.metadata}>
      {rows.map(([key, value]) => (
        <div key={key}>
          <dt className="foreign">{key}</dt>
          <dd className="foreign">
            <Value value={value} />
          </dd>
        </div>
      ))}
    </dl>
  );
}

function Value({ value }: { value: unknown }) {
  if (typeof value !== "string") return JSON.stringify(value) ?? "";
  const link = webAddress(value);
  if (!link) return value;
  return (
    <a href={link.address} target="_blank" rel="noopener noreferrer">
      {value}
    </a>
  );
}
