/** The documents in which the output's passages stand, the most relevant first. */

import { type RefObject, useMemo } from "react";
import type { Schema } from "../api/client";
import { Button, Switcher } from "../ui/controls";
import { plural } from "../ui/format";
import { Rows } from "../ui/Rows";
import { DocumentCard, type PartOfGeneration } from "./DocumentCard";
import style from "./DocumentsPanel.module.css";
import { useRegionName } from "./naming";
import {
  countDocuments,
  type Group,
  groupDocuments,
  LEVEL_NAMES,
  type Level,
  type PlacedDocument,
} from "./relevance";
import { SelectedPassage } from "./SelectedPassage";

interface DocumentsPanelProps {
  provenance: Schema["ProvenanceModel"];
  selected: number | undefined;
  least: Level | undefined;
  generation: PartOfGeneration | undefined;
  onClear: () => void;
  onLeast: (least: Level | undefined) => void;
  onLocate: (span: number) => void;
  /** What scrolls it; none: the window. */
  scroller?: RefObject<HTMLElement | null> | undefined;
}

/** Longer lists keep in the page what is seen only. */
const MOST_DRAWN = 30;
const A_CARD_PX = 260;

type Row = { level: Level; count: number } | PlacedDocument;

export function DocumentsPanel(props: DocumentsPanelProps) {
  const { provenance, selected, least, onClear, onLeast } = props;
  const groups = useMemo(
    () => groupDocuments(provenance, { span: selected, least }),
    [provenance, selected, least],
  );
  const count = groups.reduce((sum, group) => sum + group.documents.length, 0);
  const hidden = countDocuments(provenance, { span: selected }) - count;
  const span = selected === undefined ? undefined : provenance.spans[selected];
  return (
    <>
      <div className={style.head}>
        <h2 className={style.title}>Documents</h2>
        <Switcher
          label="Relevance shown"
          value={least ?? "low"}
          choices={[
            { value: "low", label: "All" },
            { value: "medium", label: "Medium and up" },
            { value: "high", label: "High" },
          ]}
          onChoose={(chosen) => onLeast(chosen === "low" ? undefined : chosen)}
        />
      </div>
      <div className={style.state}>
        <p role="status">{span ? selectedWords(count) : plural(count, "document")}</p>
        {span ? (
          <Button look="plain" className={`${style.clear}`} onClick={onClear}>
            Clear selection
          </Button>
        ) : null}
      </div>
      {span ? <SelectedPassage span={span} /> : null}
      {count > MOST_DRAWN ? <LongList groups={groups} {...props} /> : <Groups groups={groups} {...props} />}
      {count === 0 ? <p className={style.none}>{noneWords(provenance, hidden)}</p> : null}
      {count > 0 && hidden > 0 ? (
        <p className={style.none}>{plural(hidden, "document")} of lower relevance not shown.</p>
      ) : null}
    </>
  );
}

function Groups({ groups, ...props }: DocumentsPanelProps & { groups: Group[] }) {
  const regionName = useRegionName();
  return groups.map((group) => (
    <section key={group.level} aria-label={regionName(LEVEL_NAMES[group.level])} className={style.group}>
      <GroupHeading level={group.level} count={group.documents.length} />
      {group.documents.map((placed) => (
        <Card key={placed.place} placed={placed} {...props} />
      ))}
    </section>
  ));
}

function LongList({ groups, ...props }: DocumentsPanelProps & { groups: Group[] }) {
  const rows = groups.flatMap((group): Row[] => [
    { level: group.level, count: group.documents.length },
    ...group.documents,
  ]);
  return (
    <Rows
      items={rows}
      label="Documents by relevance"
      keyOf={(row) => ("level" in row ? row.level : row.place)}
      estimate={A_CARD_PX}
      scroller={props.scroller}
    >
      {(row) => (
        <div className={style.row}>
          {"level" in row ? (
            <GroupHeading level={row.level} count={row.count} />
          ) : (
            <Card placed={row} {...props} />
          )}
        </div>
      )}
    </Rows>
  );
}

function GroupHeading({ level, count }: { level: Level; count: number }) {
  return (
    <h3 className={style.level} data-level={level}>
      {LEVEL_NAMES[level]} <span className={style.count}>{count}</span>
    </h3>
  );
}

function Card({
  placed,
  provenance,
  selected,
  generation,
  onLocate,
}: DocumentsPanelProps & { placed: PlacedDocument }) {
  return (
    <DocumentCard
      document={placed.document}
      spans={provenance.spans}
      selected={selected}
      generation={generation}
      withIndex={provenance.indexes.length > 1}
      onLocate={onLocate}
    />
  );
}

function selectedWords(count: number): string {
  return `${plural(count, "document")} with the selected passage`;
}

function noneWords(provenance: Schema["ProvenanceModel"], hidden: number): string {
  if (hidden > 0) return `${plural(hidden, "document")} of lower relevance not shown.`;
  if (provenance.spans.length === 0)
    return "No passage of this text stands in the indexes that were searched.";
  return "None was kept for this choice.";
}
