/** All traces of a time together: what they quote, how much, how fast and at what cost. */

import { getRouteApi } from "@tanstack/react-router";
import { useCallback, useMemo, useState } from "react";
import { ApiError } from "../api/errors";
import { Button } from "../ui/controls";
import { Page } from "../ui/layout";
import { Empty, Loaded, Note, NotFound } from "../ui/states";
import { Filters, STEP_NAMES } from "./Filters";
import { MeasurePanel } from "./MeasurePanel";
import {
  COST,
  COVERAGE,
  FAILURES,
  FIRST_TOKEN,
  GENERATIONS,
  LATENCY,
  LONGEST_SPAN,
  TOKENS,
} from "./measures";
import { NothingYet } from "./NothingYet";
import style from "./overview.module.css";
import { useBounds, useFirstTokens, useModels, useOverTime } from "./queries";
import { Rankings } from "./Rankings";
import { type Bounds, rangeOf, STEP_MS } from "./ranges";
import type { OverviewSearch } from "./search";
import { Totals } from "./Totals";
import { clockOf } from "./when";

const route = getRouteApi("/");
const BEFORE = [GENERATIONS, COVERAGE, LONGEST_SPAN, LATENCY];
const AFTER = [TOKENS, COST, FAILURES];

export function OverviewPage() {
  const { project, ...search } = route.useSearch();
  const bounds = useBounds(project);
  if (bounds.error instanceof ApiError && bounds.error.status === 404)
    return (
      <Page title="Overview">
        <NotFound what="project" />
      </Page>
    );
  return (
    <Page title="Overview" lead="What the generations of a time quote, and what they took.">
      <Loaded query={bounds} what="the overview">
        {(found) =>
          found ? (
            <Overview search={search} project={project} bounds={found} />
          ) : (
            <NothingYet project={project} />
          )
        }
      </Loaded>
    </Page>
  );
}

interface OverviewProps {
  search: OverviewSearch;
  project: string | undefined;
  bounds: Bounds;
}

function Overview({ search, project, bounds }: OverviewProps) {
  const navigate = route.useNavigate();
  const onChange = useCallback(
    (change: Partial<OverviewSearch>) =>
      void navigate({
        to: ".",
        search: (before: OverviewSearch) => ({ ...before, ...change }),
        replace: true,
      }),
    [navigate],
  );
  const now = useNow();
  const { last, since, until, step, model } = search;
  const range = useMemo(
    () => rangeOf({ last, since, until, step }, bounds, now),
    [last, since, until, step, bounds, now],
  );
  const models = useModels({ project, range });
  const steps = useOverTime({ project, range, model });
  const firstTokens = useFirstTokens({ project, range, model });
  const isEmpty = steps.data?.items.length === 0 && !steps.isPlaceholderData;
  return (
    <>
      <Filters
        search={search}
        range={range}
        models={models.data?.items.map((item) => item.model) ?? []}
        onChange={onChange}
      />
      {range.refused ? (
        <Note>
          {STEP_NAMES[range.refused]}s are too many for this time; {STEP_NAMES[range.step].toLowerCase()}s are
          shown.
        </Note>
      ) : null}
      {isEmpty ? (
        <NoneInTime
          onAll={() =>
            onChange({ last: "all", since: undefined, until: undefined, step: undefined, model: undefined })
          }
        />
      ) : (
        <>
          {steps.data ? <Totals items={steps.data.items} range={range} model={model} /> : null}
          <section className={style.section} aria-labelledby="over-time">
            <div>
              <h2 id="over-time">Over time</h2>
              <p className={style.hint}>
                {clockWords(clockOf(range.step))} A mark leads to the traces behind it.
              </p>
            </div>
            <div className={style.charts}>
              {BEFORE.map((measure) => (
                <MeasurePanel
                  key={measure.title}
                  measure={measure}
                  query={steps}
                  range={range}
                  model={model}
                />
              ))}
              <MeasurePanel measure={FIRST_TOKEN} query={firstTokens} range={range} model={model} />
              {AFTER.map((measure) => (
                <MeasurePanel
                  key={measure.title}
                  measure={measure}
                  query={steps}
                  range={range}
                  model={model}
                />
              ))}
            </div>
          </section>
          <section className={style.section} aria-labelledby="ranked">
            <h2 id="ranked">What is quoted, and by whom</h2>
            <Rankings project={project} range={range} model={model} />
          </section>
        </>
      )}
    </>
  );
}

function clockWords(clock: "local" | "utc"): string {
  if (clock === "utc") return "Days and weeks are those of UTC; weeks begin on Monday.";
  return `Times are yours (${Intl.DateTimeFormat().resolvedOptions().timeZone}).`;
}

function NoneInTime({ onAll }: { onAll: () => void }) {
  return (
    <Empty title="No traces in this time" action={<Button onClick={onAll}>Show all time</Button>}>
      There are others, before or after, or of another model.
    </Empty>
  );
}

/** The time, to the minute: what is asked again within one is the same question. */
function useNow(): number {
  const [now, setNow] = useState(() => Date.now());
  const current = Date.now();
  if (current - now >= STEP_MS.minute) setNow(current);
  return now;
}
