/** A text with the passages that stand in the indexes, beside the documents that they stand in. */

import { type ReactNode, useCallback, useMemo, useRef } from "react";
import type { Schema } from "../api/client";
import { CodePoints } from "../text/codePoints";
import type { Passage } from "../text/passages";
import { ReadingText, type ReadingTextHandle } from "../text/ReadingText";
import { Checkbox, Switcher } from "../ui/controls";
import { Controls } from "./Controls";
import { Disclosure } from "./Disclosure";
import type { PartOfGeneration } from "./DocumentCard";
import { DocumentsDrawer } from "./DocumentsDrawer";
import { DocumentsPanel } from "./DocumentsPanel";
import { Explanation } from "./Explanation";
import { Figures } from "./Figures";
import { Legend } from "./Legend";
import { useRegionName } from "./naming";
import { isChanged, type Presets, type TraceBase } from "./options";
import { Preview } from "./Preview";
import style from "./Reading.module.css";
import { describeSpan } from "./rarity";
import { countDocuments, isAtLeast } from "./relevance";
import type { ReadingSearch, VIEWS } from "./search";
import { placeTokens } from "./surprise";
import { useIsNarrow } from "./useIsNarrow";

export interface ReadingProps {
  provenance: Schema["ProvenanceModel"];
  text: string;
  search: ReadingSearch;
  onSearch: (change: Partial<ReadingSearch>) => void;
  logProbabilities?: Schema["TokenOfOutput"][] | null | undefined;
  generation?: PartOfGeneration | undefined;
  presets?: Presets | undefined;
  /** What holds where the controls say nothing. */
  base?: TraceBase | undefined;
  /** Names of the indexes that may be searched. */
  indexes?: readonly string[] | undefined;
  /** False: the caller shows the controls itself, or there are none. */
  withControls?: boolean | undefined;
  /** False: the caller shows the figures itself. */
  withFigures?: boolean | undefined;
  /** Documents below the text rather than beside it, for a narrow column. */
  stacked?: boolean | undefined;
  /** What is shown is about to be replaced. */
  busy?: boolean | undefined;
  /** Stands above the text: what came before it, or what is to be said of it. */
  children?: ReactNode;
}

const VIEW_NAMES: Record<(typeof VIEWS)[number], string> = { chat: "Chat", raw: "Raw" };

export function Reading(props: ReadingProps) {
  const { provenance, text, search, onSearch, logProbabilities, stacked = false } = props;
  const handle = useRef<ReadingTextHandle>(null);
  const panel = useRef<HTMLElement>(null);
  const regionName = useRegionName();
  const isNarrow = useIsNarrow();
  const passages = useMemo(
    () => passagesOf(provenance.spans, text, search.relevance),
    [provenance.spans, text, search.relevance],
  );
  const selected =
    search.span !== undefined && search.span < provenance.spans.length ? search.span : undefined;
  const select = useCallback((span: number | null) => onSearch({ span: span ?? undefined }), [onSearch]);
  const locate = useCallback((span: number) => handle.current?.scrollToPassage(span), []);
  const tokens = useMemo(
    () => (logProbabilities?.length ? placeTokens(text, logProbabilities) : null),
    [text, logProbabilities],
  );
  const isShaded = search.surprise === true && tokens !== null;
  const describe = useCallback(
    (place: number) => {
      const span = provenance.spans[place];
      return span ? describeSpan(span) : "";
    },
    [provenance.spans],
  );
  const preview = useCallback(
    (place: number) => <Preview provenance={provenance} place={place} />,
    [provenance],
  );
  const count = countDocuments(provenance, { span: selected, least: search.relevance });
  const documents = (onLocate: (span: number) => void) => (
    <DocumentsPanel
      provenance={provenance}
      selected={selected}
      least={search.relevance}
      generation={props.generation}
      onClear={() => select(null)}
      onLeast={(relevance) => onSearch({ relevance })}
      onLocate={onLocate}
      scroller={stacked ? undefined : panel}
    />
  );
  return (
    <div className={style.reading} aria-busy={props.busy ?? false}>
      {props.withFigures === false ? null : <Figures provenance={provenance} onSelect={select} />}
      {props.withControls === false ? null : (
        <Disclosure label="Options" isOpenFirst={isChanged(search)}>
          <Controls
            value={search}
            onChange={onSearch}
            presets={props.presets}
            base={props.base}
            indexes={props.indexes}
          />
        </Disclosure>
      )}
      <div className={`${style.columns} ${stacked ? style.stacked : ""}`}>
        <div className={style.main}>
          {props.children}
          <section aria-label={regionName("Output")} className={style.output}>
            <div className={style.bar}>
              <h2>Output</h2>
              <div className={style.tools}>
                {logProbabilities?.length ? (
                  <Checkbox
                    label="Shade by surprise"
                    checked={isShaded}
                    disabled={tokens === null}
                    onChange={(event) => onSearch({ surprise: event.target.checked || undefined })}
                  />
                ) : null}
                <Switcher
                  label="View"
                  value={search.view ?? "chat"}
                  choices={(["chat", "raw"] as const).map((view) => ({
                    value: view,
                    label: VIEW_NAMES[view],
                  }))}
                  onChoose={(view) => onSearch({ view: view === "chat" ? undefined : view })}
                />
              </div>
            </div>
            {logProbabilities?.length && tokens === null ? (
              <p className={style.aside}>
                Log-probabilities were sent with this output, but their tokens do not add up to this text, so
                they are not shown.
              </p>
            ) : null}
            <div className={style.text}>
              <ReadingText
                ref={handle}
                text={text}
                passages={passages}
                view={search.view ?? "chat"}
                selected={selected ?? null}
                onSelect={select}
                describe={describe}
                preview={preview}
                label={regionName("Output with its passages")}
                {...(isShaded ? { tokens } : {})}
              />
            </div>
            <Legend withSurprise={isShaded} />
          </section>
          <Explanation provenance={provenance} />
        </div>
        {isNarrow && !stacked ? (
          <DocumentsDrawer count={count} isSelected={selected !== undefined} scroller={panel}>
            {(close) =>
              documents((span) => {
                close();
                locate(span);
              })
            }
          </DocumentsDrawer>
        ) : (
          <aside ref={panel} aria-label={regionName("Documents")} className={style.documents}>
            {documents(locate)}
          </aside>
        )}
      </div>
    </div>
  );
}

/** Where the spans stand in the browser's own count of the text; those below the relevance are left unmarked. */
function passagesOf(
  spans: readonly Schema["SpanModel"][],
  text: string,
  least: ReadingSearch["relevance"],
): Passage[] {
  const points = new CodePoints(text);
  return spans.flatMap((span, place) =>
    isAtLeast(span.relevance, least)
      ? [
          {
            start: points.toUtf16(span.start),
            end: points.toUtf16(span.end),
            strength: span.relevance,
            place,
          },
        ]
      : [],
  );
}
