/** A session: its traces in their order, as a conversation. */

import { getRouteApi, Link } from "@tanstack/react-router";
import { useCallback, useMemo } from "react";
import type { Schema } from "../api/client";
import { Switcher } from "../ui/controls";
import { formatCost, formatCount, formatDuration, formatShare, formatTime, UNKNOWN } from "../ui/format";
import { Fact, Facts, Page, Panel } from "../ui/layout";
import { Rows } from "../ui/Rows";
import { Failed, Loaded, Loading, Note, NotFound } from "../ui/states";
import { addressOf, sessionOf } from "./address";
import style from "./conversations.module.css";
import { useSessionsOf, useSessionTraces } from "./queries";
import type { ConversationSearch } from "./search";
import { shownId } from "./shownId";
import { Turn } from "./Turn";

const route = getRouteApi("/conversations/$sessionId");
const TURN_PX = 320;

export function ConversationPage() {
  const { sessionId } = route.useParams();
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const id = sessionOf(sessionId, search.session);
  const query = useSessionsOf(id, search.project);
  return (
    <Page
      title={shownId(id)}
      lead="A session: what was asked and answered, turn by turn."
      actions={
        <Switcher
          label="Messages"
          value={search.raw ? "raw" : "chat"}
          choices={[
            { value: "chat", label: "Chat" },
            { value: "raw", label: "Raw" },
          ]}
          onChoose={(value) =>
            void navigate({
              to: ".",
              search: (before: ConversationSearch) => ({ ...before, raw: value === "raw" || undefined }),
              replace: true,
            })
          }
        />
      }
    >
      <Loaded query={query} what="the session">
        {({ items: [session, ...others] }) =>
          session ? (
            <>
              {others.length ? <Namesakes others={others} shown={session} /> : null}
              <Totals session={session} />
              <Turns session={session} raw={search.raw === true} />
            </>
          ) : (
            <NotFound what="session" />
          )
        }
      </Loaded>
    </Page>
  );
}

interface NamesakesProps {
  others: readonly Schema["SessionItem"][];
  shown: Schema["SessionItem"];
}

function Namesakes({ others, shown }: NamesakesProps) {
  return (
    <Note>
      Several projects have a session of this id. Shown is that of <b className="foreign">{shown.project}</b>,
      and there is that of{" "}
      {others.map((other, place) => (
        <span key={other.project}>
          {place ? ", " : ""}
          <Link to="/conversations/$sessionId" {...addressOf(other.id, other.project)} className="foreign">
            {other.project}
          </Link>
        </span>
      ))}
      .
    </Note>
  );
}

function Totals({ session }: { session: Schema["SessionItem"] }) {
  return (
    <Panel label="Totals">
      <Facts>
        <Fact label="Project">{session.project}</Fact>
        <Fact label="Start">{formatTime(session.start)}</Fact>
        <Fact label="Duration">{formatDuration(session.duration_ms)}</Fact>
        <Fact label="Traces">{formatCount(session.traces)}</Fact>
        <Fact label="Generations">{formatCount(session.generations)}</Fact>
        <Fact label="Errors">{formatCount(session.errors)}</Fact>
        <Fact label="Coverage">{formatShare(session.coverage)}</Fact>
        <Fact label="Longest span">
          {session.longest_span === null ? UNKNOWN : `${formatCount(session.longest_span)} characters`}
        </Fact>
        <Fact label="Tokens in / out">
          {formatCount(session.input_tokens)} / {formatCount(session.output_tokens)}
        </Fact>
        <Fact label="Cost">{formatCost(session.cost)}</Fact>
      </Facts>
      <p className={style.asTable}>
        <Link to="/traces" search={{ session: session.id, project: session.project }}>
          These traces as a table
        </Link>
      </p>
    </Panel>
  );
}

function Turns({ session, raw }: { session: Schema["SessionItem"]; raw: boolean }) {
  const query = useSessionTraces(session.id, session.project);
  const { data, hasNextPage, isFetchingNextPage, isFetchNextPageError, fetchNextPage } = query;
  const traces = useMemo(() => data?.pages.flatMap((page) => page.items) ?? [], [data]);
  const onEnd = useCallback(() => {
    if (hasNextPage && !isFetchingNextPage && !isFetchNextPageError) void fetchNextPage();
  }, [hasNextPage, isFetchingNextPage, isFetchNextPageError, fetchNextPage]);
  if (query.isError && !traces.length) {
    return <Failed error={query.error} onAgain={() => void query.refetch()} />;
  }
  if (!data) return <Loading what="the turns" />;
  return (
    <div>
      <Rows items={traces} label="Turns" keyOf={(trace) => trace.id} estimate={TURN_PX} onEnd={onEnd}>
        {(trace, place) => <Turn trace={trace} number={place + 1} raw={raw} />}
      </Rows>
      {isFetchingNextPage ? <Loading what="more turns" /> : null}
      {isFetchNextPageError ? <Failed error={query.error} onAgain={() => void fetchNextPage()} /> : null}
    </div>
  );
}
