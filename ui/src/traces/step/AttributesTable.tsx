/** Names and values that came with a step, to search in. */

import { useMemo, useState } from "react";
import { JsonView } from "../../messages/JsonView";
import { LongText } from "../../messages/LongText";
import { isContainer, type Json } from "../../messages/structured";
import { Button, TextField } from "../../ui/controls";
import { formatCount } from "../../ui/format";
import { matching } from "./matching";
import { Section } from "./Section";
import style from "./Step.module.css";

interface AttributesTableProps {
  title: string;
  values: Record<string, unknown>;
}

const SHOWN = 40;
/** Fewer are seen at a glance. */
const SEARCHED_FROM = 8;

export function AttributesTable({ title, values }: AttributesTableProps) {
  const [wanted, setWanted] = useState("");
  const [shown, setShown] = useState(SHOWN);
  const all = useMemo(() => Object.entries(values), [values]);
  const found = useMemo(() => matching(all, wanted), [all, wanted]);
  if (!all.length) return null;
  return (
    <Section
      title={`${title} (${formatCount(all.length)})`}
      tools={
        all.length >= SEARCHED_FROM ? (
          <TextField
            label={`Search in ${title.toLowerCase()}`}
            labelUnseen
            type="search"
            placeholder="Search names and values"
            value={wanted}
            onChange={(event) => {
              setWanted(event.target.value);
              setShown(SHOWN);
            }}
          />
        ) : null
      }
    >
      <table className={style.table} aria-label={title}>
        <thead className="unseen">
          <tr>
            <th scope="col">Name</th>
            <th scope="col">Value</th>
          </tr>
        </thead>
        <tbody>
          {found.slice(0, shown).map(([name, value]) => (
            <tr key={name}>
              <th scope="row" className="foreign">
                {name}
              </th>
              <td>
                <Value name={name} value={value as Json} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      {found.length ? null : <p className={style.none}>None holds “{wanted}”.</p>}
      {found.length > shown ? (
        <Button look="plain" onClick={() => setShown(shown + SHOWN)}>
          Show more: {formatCount(shown)} of {formatCount(found.length)} shown
        </Button>
      ) : null}
    </Section>
  );
}

function Value({ name, value }: { name: string; value: Json }) {
  if (typeof value === "string") return <LongText text={value} mono />;
  if (isContainer(value)) return <JsonView value={value} label={name} />;
  return <LongText text={String(value)} mono />;
}
