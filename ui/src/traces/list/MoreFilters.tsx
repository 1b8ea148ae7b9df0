import { useQuery } from "@tanstack/react-query";
import { answer, client } from "../../api/client";
import { Button, Select } from "../../ui/controls";
import { shorten } from "../../ui/format";
import type { TracesSearch } from "../search";
import { DraftField } from "./DraftField";
import style from "./filters.module.css";
import { RangeField } from "./RangeField";
import { fromLocalInput, sinceOf, toLocalInput } from "./times";

const ANY = "";
const LONGEST_NAME = 60;

interface MoreFiltersProps {
  search: TracesSearch;
  onChange: (change: Partial<TracesSearch>) => void;
}

/** The filters that are wanted less often. */
export function MoreFilters({ search, onChange }: MoreFiltersProps) {
  const time = { type: "datetime-local", step: 1, min: "1700-01-01T00:00", max: "2260-12-31T23:59" } as const;
  return (
    <>
      <DraftField
        {...time}
        label="From"
        hint="In your time zone"
        value={toLocalInput(search.since)}
        onCommit={(local) => onChange({ since: fromLocalInput(local), last: undefined })}
      />
      <DraftField
        {...time}
        label="Before"
        hint="In your time zone"
        value={toLocalInput(search.until)}
        onCommit={(local) => onChange({ until: fromLocalInput(local) })}
      />
      {search.last === undefined ? null : (
        <div className={style.pin}>
          <Button
            onClick={() => {
              const now = Date.now();
              const until = search.until ?? new Date(now).toISOString();
              onChange({ since: sinceOf(search, now), until, last: undefined });
            }}
          >
            Keep to these times
          </Button>
          <span>A link then shows the same traces later.</span>
        </div>
      )}
      <RangeField
        label="Coverage (%)"
        scale={100}
        max={100}
        least={search.min_coverage}
        most={search.max_coverage}
        onLeast={(value) => onChange({ min_coverage: value })}
        onMost={(value) => onChange({ max_coverage: value })}
      />
      <RangeField
        label="Longest span (characters)"
        step={1}
        least={search.min_longest_span}
        most={search.max_longest_span}
        onLeast={(value) => onChange({ min_longest_span: value })}
        onMost={(value) => onChange({ max_longest_span: value })}
      />
      <RangeField
        label="Cost ($)"
        least={search.min_cost}
        most={search.max_cost}
        onLeast={(value) => onChange({ min_cost: value })}
        onMost={(value) => onChange({ max_cost: value })}
      />
      <DraftField
        label="Session"
        hint="Its id, as the application sent it"
        maxLength={2_000}
        value={search.session ?? ""}
        onCommit={(session) => onChange({ session: session || undefined })}
      />
      <DraftField
        label="Quotes the document"
        hint="Its id"
        maxLength={2_000}
        value={search.document ?? ""}
        onCommit={(document) => onChange(document ? { document } : { document: undefined, index: undefined })}
      />
      {search.document === undefined ? null : <IndexSelect search={search} onChange={onChange} />}
    </>
  );
}

/** Ids of documents are distinct within an index only. */
function IndexSelect({ search, onChange }: MoreFiltersProps) {
  const { data } = useQuery({
    queryKey: ["indexes", "names"],
    queryFn: () => answer(client.GET("/v1/indexes")),
  });
  const names = new Set(data?.items.map((index) => index.name));
  if (search.index !== undefined) names.add(search.index);
  return (
    <Select
      label="Of the index"
      value={search.index ?? ANY}
      choices={[
        { value: ANY, label: "Any" },
        ...[...names].map((value) => ({ value, label: shorten(value, LONGEST_NAME) })),
      ]}
      onChoose={(value) => onChange({ index: value || undefined })}
    />
  );
}
