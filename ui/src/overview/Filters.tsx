/** Which time is looked at, in which steps, and of which model. */

import { useQueryClient } from "@tanstack/react-query";
import { DraftField } from "../traces/list/DraftField";
import { fromLocalInput, toLocalInput } from "../traces/list/times";
import { Button, Select } from "../ui/controls";
import { shorten } from "../ui/format";
import { oneOf } from "../url/search";
import style from "./overview.module.css";
import { stepFor, type TimeRange } from "./ranges";
import { type OverviewSearch, STEPS, STRETCHES, type Step, type Stretch } from "./search";

const STRETCH_NAMES: Record<Stretch, string> = {
  hour: "Last hour",
  day: "Last 24 hours",
  week: "Last 7 days",
  month: "Last 30 days",
  quarter: "Last 90 days",
  year: "Last 365 days",
  all: "All time",
};
export const STEP_NAMES: Record<Step, string> = { minute: "Minute", hour: "Hour", day: "Day", week: "Week" };

const CUSTOM = "custom";
const ANY = "";
const LONGEST_MODEL = 60;

interface FiltersProps {
  search: OverviewSearch;
  range: TimeRange;
  models: readonly string[];
  onChange: (change: Partial<OverviewSearch>) => void;
}

export function Filters({ search, range, models, onChange }: FiltersProps) {
  const queries = useQueryClient();
  const [from, to] = range.domain;
  const iso = (time: number) => new Date(time).toISOString();
  return (
    <search className={style.filters} aria-label="Time and model">
      <Select
        label="Time"
        value={range.stretch ?? CUSTOM}
        choices={[
          ...STRETCHES.map((value) => ({ value, label: STRETCH_NAMES[value] })),
          { value: CUSTOM, label: "From and to …" },
        ]}
        onChoose={(value) => {
          const last = oneOf(value, STRETCHES);
          onChange(
            last
              ? { last, since: undefined, until: undefined, step: undefined }
              : { last: undefined, since: iso(range.since ?? from), until: iso(to) },
          );
        }}
      />
      {range.stretch === null ? (
        <>
          <DraftField
            label="From"
            type="datetime-local"
            step={1}
            value={toLocalInput(search.since)}
            onCommit={(local) => onChange({ since: fromLocalInput(local) })}
          />
          <DraftField
            label="To"
            type="datetime-local"
            step={1}
            value={toLocalInput(search.until)}
            onCommit={(local) => onChange({ until: fromLocalInput(local) })}
          />
        </>
      ) : null}
      <Select
        label="Step"
        value={search.step && range.refused === null ? search.step : ANY}
        choices={[
          { value: ANY, label: `By the time (${STEP_NAMES[range.step].toLowerCase()})` },
          ...STEPS.filter((step) => stepFor(from, to, step) === step).map((value) => ({
            value,
            label: STEP_NAMES[value],
          })),
        ]}
        onChoose={(value) => onChange({ step: oneOf(value, STEPS) })}
      />
      <Select
        label="Model"
        value={search.model ?? ANY}
        choices={[
          { value: ANY, label: "Any model" },
          ...[...new Set(search.model ? [...models, search.model] : models)].map((value) => ({
            value,
            label: shorten(value, LONGEST_MODEL),
          })),
        ]}
        onChoose={(value) => onChange({ model: value || undefined })}
      />
      <Button onClick={() => void queries.invalidateQueries({ queryKey: ["statistics"] })}>Refresh</Button>
    </search>
  );
}
