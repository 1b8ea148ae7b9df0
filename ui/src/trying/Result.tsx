/** What was found in a text that was tried. */

import { getRouteApi } from "@tanstack/react-router";
import { useCallback, useEffect, useRef } from "react";
import { type Sample, useService } from "../api/service";
import { UNCHANGED } from "../generation/options";
import { useIndexNames } from "../generation/queries";
import { Reading } from "../generation/Reading";
import { Button } from "../ui/controls";
import { Failed, Note } from "../ui/states";
import { Asked } from "./Asked";
import { lengthOf } from "./limits";
import type { Shared } from "./link";
import style from "./Result.module.css";
import { SaveAsTrace } from "./SaveAsTrace";
import { ShareLink } from "./ShareLink";
import type { TryingSearch } from "./search";
import { Tracing } from "./Tracing";
import { useTrace } from "./useTrace";
import { changedVersions, versionsOf } from "./versions";

const route = getRouteApi("/try");

interface ResultProps {
  tried: Shared;
  sample: Sample | undefined;
  /** Characters of a link that is too long. */
  tooLong: number | null;
  onFound: (versions: Record<string, string>) => void;
  onEdit: () => void;
  onBegin: () => void;
}

export function Result({ tried, sample, tooLong, onFound, onEdit, onBegin }: ResultProps) {
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const presets = useService().data?.presets;
  const indexes = useIndexNames().data;
  const { query, cancel, isCancelled } = useTrace(tried, search);
  const heading = useRef<HTMLHeadingElement>(null);
  const onSearch = useCallback(
    (change: Partial<TryingSearch>) => {
      // A change of options finds other spans: the place of the selected one means nothing among them.
      const isOther = Object.keys(change).some((name) => name in UNCHANGED);
      void navigate({
        to: ".",
        search: (before: TryingSearch) => ({ ...before, ...(isOther ? { span: undefined } : {}), ...change }),
        hash: true,
        replace: true,
        resetScroll: false,
        hashScrollIntoView: false,
      });
    },
    [navigate],
  );
  const found = query.isPlaceholderData ? undefined : query.data;
  useEffect(() => {
    if (found) onFound(versionsOf(found.indexes));
  }, [found, onFound]);
  useEffect(() => heading.current?.focus({ preventScroll: true }), []);
  const changed = found ? changedVersions(tried.versions, versionsOf(found.indexes)) : [];
  return (
    <section aria-labelledby="result" className={style.result}>
      <div className={style.bar}>
        <h2 id="result" ref={heading} tabIndex={-1} className={style.heading}>
          {sample ? (
            <>
              Sample <span className="foreign">{sample.name}</span>
            </>
          ) : (
            "Where its words come from"
          )}
        </h2>
        <div className={style.actions}>
          <Button onClick={onEdit}>Edit the text</Button>
          <Button onClick={onBegin}>Try another text</Button>
          {tooLong === null ? <ShareLink /> : null}
          <SaveAsTrace tried={tried} model={sample && !sample.is_control ? sample.model : null} />
        </div>
      </div>
      {sample?.is_control ? (
        <Note>
          People wrote this text; no model produced it. What is found in it shows what chance and common
          phrases give.
        </Note>
      ) : null}
      {tooLong === null ? null : (
        <Note>
          This text is too long for a link. Save it as a trace to show it to others; it is not kept otherwise.
        </Note>
      )}
      {changed.length ? (
        <Note>
          Since this link was made, {changed.join(" and ")} changed: what is found may differ from what was
          seen then.
        </Note>
      ) : null}
      {query.isFetching ? (
        <Tracing characters={lengthOf(tried.text)} refusals={query.failureCount} onCancel={cancel} />
      ) : null}
      {isCancelled ? (
        <div className={style.cancelled} role="status">
          The search was cancelled. <Button onClick={() => void query.refetch()}>Trace</Button>
        </div>
      ) : null}
      {query.isError ? (
        <>
          <Failed error={query.error} onAgain={() => void query.refetch()} />
          <Button onClick={() => onSearch(UNCHANGED)}>Reset the options</Button>
        </>
      ) : null}
      {query.data ? (
        <Reading
          provenance={query.data}
          text={tried.text}
          search={search}
          onSearch={onSearch}
          presets={presets}
          indexes={indexes}
          busy={query.isPlaceholderData}
        >
          {tried.prompt ? <Asked prompt={tried.prompt} /> : null}
        </Reading>
      ) : null}
    </section>
  );
}
