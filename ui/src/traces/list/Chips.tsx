import { Button } from "../../ui/controls";
import { shorten } from "../../ui/format";
import type { TracesSearch } from "../search";
import { CLEARED, chipsOf } from "./filters";
import style from "./filters.module.css";

const LONGEST = 80;

interface ChipsProps {
  search: TracesSearch;
  onChange: (change: Partial<TracesSearch>) => void;
}

/** The filters in use, each of which a press removes. */
export function Chips({ search, onChange }: ChipsProps) {
  const chips = chipsOf(search);
  if (!chips.length) return null;
  return (
    <div className={style.chips}>
      <ul aria-label="Filters in use">
        {chips.map(({ name, label, value, removed }) => (
          <li key={name}>
            <button type="button" className={style.chip} onClick={() => onChange(removed)}>
              <span className="unseen">Remove the filter</span> <span>{label}:</span>{" "}
              <b className="foreign">{shorten(value, LONGEST)}</b>
              <span aria-hidden="true">×</span>
            </button>
          </li>
        ))}
      </ul>
      <Button look="plain" onClick={() => onChange(CLEARED)}>
        Clear filters
      </Button>
    </div>
  );
}
