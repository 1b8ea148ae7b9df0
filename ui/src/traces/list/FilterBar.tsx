/** What is asked of the list: by words, time, model, state and measures. */

import { useQuery } from "@tanstack/react-query";
import { useId, useState } from "react";
import { answer, client } from "../../api/client";
import { Button, type Choice, Select } from "../../ui/controls";
import { shorten } from "../../ui/format";
import { oneOf } from "../../url/search";
import { STATES, STATUSES, STRETCHES, type TracesSearch } from "../search";
import { DraftField } from "./DraftField";
import { chipsOf, STATE_NAMES, STATUS_NAMES, STRETCH_NAMES } from "./filters";
import style from "./filters.module.css";
import { MoreFilters } from "./MoreFilters";

const ANY = "";
const CUSTOM = "custom";
const LONGEST_MODEL = 60;

interface FilterBarProps {
  search: TracesSearch;
  project: string | undefined;
  onChange: (change: Partial<TracesSearch>) => void;
}

export function FilterBar({ search, project, onChange }: FilterBarProps) {
  const [open, setOpen] = useState(false);
  const panel = useId();
  const used = chipsOf(search).filter((chip) => chip.name !== "text").length;
  const models = useModels(project);
  return (
    <search className={style.bar} aria-label="Filters">
      <div className={style.words}>
        <DraftField
          label="Search in the texts"
          type="search"
          placeholder={'words, or "a phrase"'}
          hint="Words of one step; in quotes: one after another"
          maxLength={2_000}
          value={search.text ?? ""}
          onCommit={(text) => onChange({ text: text.trim() || undefined })}
        />
      </div>
      <div className={`${style.quick} ${open ? style.open : ""}`}>
        <Select
          label="Time"
          value={search.last ?? (search.since || search.until ? CUSTOM : ANY)}
          choices={[
            { value: ANY, label: "Any time" },
            ...STRETCHES.map((value) => ({ value, label: STRETCH_NAMES[value] })),
            ...(search.since || search.until ? [{ value: CUSTOM, label: "As given" }] : []),
          ]}
          onChoose={(value) => {
            if (value === CUSTOM) return;
            onChange({ last: oneOf(value, STRETCHES), since: undefined, until: undefined });
          }}
        />
        <Select
          label="Model"
          value={search.model ?? ANY}
          choices={withChosen(models, search.model)}
          onChoose={(value) => onChange({ model: value || undefined })}
        />
        <Select
          label="Status"
          value={search.status ?? ANY}
          choices={[
            { value: ANY, label: "Any" },
            ...STATUSES.map((value) => ({ value, label: STATUS_NAMES[value] })),
          ]}
          onChoose={(value) => onChange({ status: oneOf(value, STATUSES) })}
        />
        <Select
          label="Provenance"
          value={search.provenance ?? ANY}
          choices={[
            { value: ANY, label: "Any" },
            ...STATES.map((value) => ({ value, label: STATE_NAMES[value] })),
          ]}
          onChoose={(value) => onChange({ provenance: oneOf(value, STATES) })}
        />
        <Select
          label="Order"
          value={search.order ?? "newest"}
          choices={[
            { value: "newest", label: "Newest first" },
            { value: "oldest", label: "Oldest first" },
          ]}
          onChoose={(value) => onChange({ order: value === "oldest" ? "oldest" : undefined })}
        />
      </div>
      <div className={style.toggle}>
        <Button aria-expanded={open} aria-controls={panel} onClick={() => setOpen(!open)}>
          {open ? "Fewer filters" : "More filters"}
          {used ? <span className={style.count}>{used}</span> : null}
        </Button>
      </div>
      <div id={panel} className={style.more} hidden={!open}>
        {open ? <MoreFilters search={search} onChange={onChange} /> : null}
      </div>
    </search>
  );
}

function useModels(project: string | undefined): string[] {
  const { data } = useQuery({
    queryKey: ["statistics", "models", project ?? null],
    queryFn: () =>
      answer(
        client.GET("/v1/statistics/models", { params: { query: { limit: 100, project: project ?? null } } }),
      ),
  });
  return data?.items.map((each) => each.model) ?? [];
}

function withChosen(models: readonly string[], chosen: string | undefined): Choice[] {
  const all = new Set(models);
  if (chosen !== undefined) all.add(chosen);
  return [
    { value: ANY, label: "Any model" },
    ...[...all].map((value) => ({ value, label: shorten(value, LONGEST_MODEL) })),
  ];
}
