/** One side: a reading, or the choice of one. */

import { Link } from "@tanstack/react-router";
import { useCallback } from "react";
import { failureOf } from "../api/errors";
import { Indexes } from "../generation/Controls";
import { GenerationFacts } from "../generation/GenerationFacts";
import { ReadingName } from "../generation/naming";
import { change, PLAIN } from "../generation/options";
import { PartReading } from "../generation/PartReading";
import { PartSwitch } from "../generation/PartSwitch";
import { useIndexNames } from "../generation/queries";
import type { ReadingSearch } from "../generation/search";
import { Button } from "../ui/controls";
import { Empty, Loaded, Note } from "../ui/states";
import { Picker } from "./Picker";
import style from "./SidePanel.module.css";
import type { ComparingSearch } from "./search";
import type { SideState } from "./useSide";

interface SidePanelProps {
  state: SideState;
  /** The generation on the other side. */
  other: string | undefined;
  search: ComparingSearch;
  /** Its figures stand above, beside those of the other side. */
  isCompared: boolean;
  onSearch: (change: Partial<ComparingSearch>) => void;
  onSide: (change: Partial<ReadingSearch & { part: number | undefined }>) => void;
}

const NAMES = { left: "Left", right: "Right" } as const;

export function SidePanel({ state, other, isCompared, search, onSearch, onSide }: SidePanelProps) {
  const { side } = state;
  const id = search[side];
  const show = useCallback(
    (chosen: string | undefined, project?: string | undefined) =>
      onSearch({
        [side]: chosen,
        [`${side}_project`]: project,
        [`${side}_part`]: undefined,
        [`${side}_span`]: undefined,
        [`${side}_indexes`]: undefined,
      }),
    [onSearch, side],
  );
  return (
    <ReadingName value={side}>
      <section aria-label={NAMES[side]} className={style.side}>
        {id === undefined ? (
          <>
            <h2 className={style.title}>{NAMES[side]}: choose an output</h2>
            <Picker
              other={other}
              otherProject={search[side === "left" ? "right_project" : "left_project"]}
              onPick={show}
            />
          </>
        ) : (
          <Chosen state={state} isCompared={isCompared} onSide={onSide} onOther={() => show(undefined)} />
        )}
      </section>
    </ReadingName>
  );
}

interface ChosenProps {
  state: SideState;
  onSide: SidePanelProps["onSide"];
  onOther: () => void;
  isCompared: boolean;
}

function Chosen({ state, onSide, onOther, isCompared }: ChosenProps) {
  const { query, generation, part, place, span, reading } = state;
  const indexes = useIndexNames().data ?? [];
  const base = { ...PLAIN, indexes: part?.indexes ? Object.keys(part.indexes) : undefined };
  const choose = (
    <Button look="plain" onClick={onOther}>
      Choose another output
    </Button>
  );
  if (query.data === undefined && query.isError && failureOf(query.error).kind === "not_found") {
    return (
      <Empty title="There is no such generation" action={choose}>
        It may have been deleted, or the id may be incomplete.
      </Empty>
    );
  }
  if (!generation) {
    return (
      <Loaded query={query} what="the generation">
        {() => null}
      </Loaded>
    );
  }
  return (
    <>
      <header className={style.head}>
        <h2 className={`foreign ${style.title}`}>
          <Link
            to="/generations/$generationId"
            params={{ generationId: generation.id }}
            search={{ project: generation.project, part: place || undefined }}
          >
            {generation.name ?? generation.model ?? "Generation"}
          </Link>
        </h2>
        {choose}
      </header>
      <GenerationFacts generation={generation} span={span} />
      <PartSwitch
        parts={generation.parts}
        messages={span?.output_messages}
        shown={place}
        onShow={(next) => onSide({ part: next || undefined, span: undefined })}
      />
      {indexes.length > 1 ? (
        <Indexes
          all={indexes}
          chosen={reading.indexes ?? base.indexes}
          onChange={(chosen) =>
            onSide({ ...change({}, { indexes: chosen ?? indexes }, base), span: undefined })
          }
        />
      ) : null}
      {part ? (
        <PartReading
          key={`${generation.id} ${part.place}`}
          generation={generation}
          part={part}
          place={place}
          span={span}
          search={reading}
          onSearch={onSide}
          withControls={false}
          withFigures={!isCompared}
          stacked
        />
      ) : (
        <Note>There is nothing to trace: {generation.reason ?? "the output holds no text."}</Note>
      )}
    </>
  );
}
