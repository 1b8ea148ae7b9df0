/** How the tree is shown, and what of it. */

import { Button, Checkbox, Switcher } from "../../ui/controls";
import { formatCount, plural } from "../../ui/format";
import type { TraceSearch } from "../search";
import { FindField } from "./FindField";
import style from "./TreeTools.module.css";
import type { TreeState } from "./useTreeState";

interface TreeToolsProps {
  search: TraceSearch;
  state: TreeState;
  spans: number;
  errors: number;
  onChange: (change: Partial<TraceSearch>) => void;
}

export function TreeTools({ search, state, spans, errors, onChange }: TreeToolsProps) {
  const isFiltered = Boolean(search.find || search.errors);
  return (
    <div className={style.tools}>
      <Switcher
        label="View of the spans"
        value={search.view ?? "tree"}
        choices={[
          { value: "tree", label: "Tree" },
          { value: "timeline", label: "Timeline" },
        ]}
        onChoose={(view) => onChange({ view: view === "tree" ? undefined : view })}
      />
      <div className={style.find}>
        <FindField value={search.find ?? ""} onFind={(find) => onChange({ find: find || undefined })} />
      </div>
      {errors > 0 || search.errors ? (
        <Checkbox
          label={`Errors only (${formatCount(errors)})`}
          checked={search.errors ?? false}
          onChange={(event) => onChange({ errors: event.target.checked || undefined })}
        />
      ) : null}
      <span className={style.buttons}>
        <Button look="plain" onClick={state.openAll}>
          Expand all
        </Button>
        <Button look="plain" onClick={state.closeAll}>
          Collapse all
        </Button>
      </span>
      <span role="status" className={isFiltered ? style.count : "unseen"}>
        {isFiltered ? `${formatCount(state.found)} of ${plural(spans, "span")}` : ""}
      </span>
    </div>
  );
}
