/** One text of an output with what is stored of its sources, or traced anew where other options are asked for. */

import { useCallback } from "react";
import type { Schema } from "../api/client";
import { useService } from "../api/service";
import { Button } from "../ui/controls";
import { Failed, Note } from "../ui/states";
import { UNCHANGED } from "./options";
import style from "./PartReading.module.css";
import { PartState } from "./PartState";
import { PlainText } from "./PlainText";
import { Prompt } from "./Prompt";
import { type useFreshTrace, useIndexNames } from "./queries";
import { Reading } from "./Reading";
import type { ReadingSearch } from "./search";
import { useShownProvenance } from "./useShownProvenance";

interface PartReadingProps {
  generation: Schema["GenerationProvenance"];
  part: Schema["PartModel"];
  /** Its place in the generation's parts. */
  place: number;
  span: Schema["SpanDetail"] | undefined;
  search: ReadingSearch;
  onSearch: (change: Partial<ReadingSearch>) => void;
  stacked?: boolean;
  withControls?: boolean;
  withFigures?: boolean;
}

export function PartReading(props: PartReadingProps) {
  const {
    generation,
    part,
    place,
    span,
    search,
    onSearch,
    stacked = false,
    withControls = true,
    withFigures = true,
  } = props;
  const { base, fresh, isFresh, provenance } = useShownProvenance({ generation, part, span, search });
  const indexes = useIndexNames();
  const presets = useService().data?.presets;
  // A change of options finds other spans: the place of the selected one means nothing among them.
  const change = useCallback(
    (asked: Partial<ReadingSearch>) =>
      onSearch(Object.keys(asked).some((name) => name in UNCHANGED) ? { ...asked, span: undefined } : asked),
    [onSearch],
  );
  // The selected span is meant among those of the fresh trace: there is none until it is there.
  const shown = isFresh && !fresh.data ? { ...search, span: undefined } : search;
  const words = (
    <>
      <PartState generation={generation} part={part} />
      {isFresh ? (
        <Fresh query={fresh} hasStored={part.provenance !== null} onBack={() => change(UNCHANGED)} />
      ) : null}
      {part.has_snippets === false && !isFresh ? (
        <Note>
          The project’s storage for snippets was used up when this was stored: documents are named, and the
          passages in them are shown without what stands around them.
        </Note>
      ) : null}
    </>
  );
  const asked = <Prompt messages={span?.input_messages} raw={search.view === "raw"} />;
  if (part.text === null || !provenance) {
    return (
      <div className={style.part}>
        {words}
        {asked}
        {part.text === null ? (
          <Note>The text of this part is not in the store any more.</Note>
        ) : (
          <PlainText text={part.text} view={search.view} />
        )}
      </div>
    );
  }
  return (
    <div className={style.part}>
      {words}
      <Reading
        provenance={provenance}
        text={part.text}
        search={shown}
        onSearch={change}
        logProbabilities={part.place.endsWith("/text") ? span?.log_probabilities : null}
        generation={{ id: generation.id, part: place }}
        base={base}
        presets={presets}
        withControls={withControls}
        withFigures={withFigures}
        indexes={indexes.data}
        stacked={stacked}
        busy={isFresh && fresh.isFetching}
      >
        {asked}
      </Reading>
    </div>
  );
}

interface FreshProps {
  query: ReturnType<typeof useFreshTrace>;
  hasStored: boolean;
  onBack: () => void;
}

function Fresh({ query, hasStored, onBack }: FreshProps) {
  const back = (
    <Button onClick={onBack}>
      {hasStored ? "Back to the stored provenance" : "Back to the project’s options"}
    </Button>
  );
  if (query.isError) {
    return (
      <>
        <Failed error={query.error} onAgain={() => void query.refetch()} />
        <div className={style.back}>
          <span>
            {hasStored
              ? "What is shown is the stored provenance, not one by the options that were chosen."
              : null}
          </span>
          {back}
        </div>
      </>
    );
  }
  return (
    <div role="status" className={style.back}>
      <span>
        {query.isFetching
          ? "Tracing anew by the options that were chosen…"
          : query.data
            ? "This is a fresh trace with other options. It is not stored with the generation."
            : "The options that were chosen are not applied yet: the prompt that the trace goes by is not there."}
      </span>
      {back}
    </div>
  );
}
