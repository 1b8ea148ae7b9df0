/** What is quoted most, and which models are used. */

import type { UseQueryResult } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { type Ranked, Ranking } from "../charts/Ranking";
import { plural } from "../ui/format";
import { Panel } from "../ui/layout";
import { Loaded } from "../ui/states";
import { boundsOf, tracesLink } from "./marks";
import style from "./overview.module.css";
import { useDocuments, useModels, useSources } from "./queries";
import type { TimeRange } from "./ranges";

interface RankingsProps {
  project: string | undefined;
  range: TimeRange;
  model: string | undefined;
}

export function Rankings({ project, range, model }: RankingsProps) {
  const asked = { project, range, model };
  const within = { ...boundsOf(range), model };
  return (
    <div className={style.rankings}>
      <RankingPanel
        title="Most quoted documents"
        query={useDocuments(asked)}
        nothing="No document is quoted."
        rank={({ index, document, traces }) => ({
          key: `${index}\n${document}`,
          label: document,
          detail: index,
          value: traces,
          words: `quoted in ${plural(traces, "trace")}`,
          link: tracesLink({ ...within, document, index }),
          more: { label: "Open", link: { to: "/documents", search: { index, id: document } } },
        })}
      />
      <RankingPanel
        title="Most quoted sources"
        hint="As the documents' metadata call them."
        query={useSources(asked)}
        nothing="No source is quoted."
        rank={({ index, source, traces }) => ({
          key: `${index}\n${source}`,
          label: source ?? "No source named",
          detail: index,
          value: traces,
          words: `quoted in ${plural(traces, "trace")}`,
          link: source === null ? undefined : tracesLink({ ...within, source, index }),
        })}
      />
      <RankingPanel
        title="Models"
        query={useModels(asked)}
        nothing="No generation names its model."
        rank={({ model: name, traces }) => ({
          key: name,
          label: name,
          value: traces,
          words: plural(traces, "trace"),
          link: tracesLink({ ...within, model: name }),
        })}
      />
    </div>
  );
}

interface RankingPanelProps<T> {
  title: string;
  hint?: ReactNode;
  query: UseQueryResult<{ items: T[] }>;
  rank: (item: T) => Ranked;
  nothing: string;
}

const MOST = 8;

function RankingPanel<T>({ title, hint, query, rank, nothing }: RankingPanelProps<T>) {
  return (
    <Panel label={title} className={style.measure ?? ""}>
      <h3>{title}</h3>
      {hint ? <p className={style.hint}>{hint}</p> : null}
      <div className={query.isPlaceholderData ? style.stale : ""}>
        <Loaded query={query} what={title.toLowerCase()}>
          {({ items }) =>
            items.length ? (
              <Ranking label={title} items={told(items.slice(0, MOST).map(rank))} />
            ) : (
              <p className={style.nothing}>{nothing}</p>
            )
          }
        </Loaded>
      </div>
    </Panel>
  );
}

/** What is the same for all tells nothing. */
function told(items: Ranked[]): Ranked[] {
  const details = new Set(items.map((item) => item.detail));
  return details.size > 1 ? items : items.map((item) => ({ ...item, detail: undefined }));
}
