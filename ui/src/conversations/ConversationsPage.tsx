/** Sessions: traces that belong together, as the turns of a conversation do. */

import { getRouteApi, Link } from "@tanstack/react-router";
import { useCallback, useMemo } from "react";
import { buttonClass, Select } from "../ui/controls";
import { plural } from "../ui/format";
import { Page } from "../ui/layout";
import { Empty, Failed, Loading } from "../ui/states";
import { Table } from "../ui/Table";
import { OF_ALL, OF_ONE, sessionKey } from "./columns";
import style from "./conversations.module.css";
import { useSessions } from "./queries";
import type { ConversationsSearch } from "./search";

const route = getRouteApi("/conversations");

export function ConversationsPage() {
  const { project, order } = route.useSearch();
  const navigate = route.useNavigate();
  return (
    <Page
      title="Sessions"
      lead="Traces that an application sent under one session id, such as the turns of a conversation."
      actions={
        <Select
          label="Order"
          labelUnseen
          value={order ?? "newest"}
          choices={[
            { value: "newest", label: "Newest first" },
            { value: "oldest", label: "Oldest first" },
          ]}
          onChoose={(value) =>
            void navigate({
              to: ".",
              search: (before: ConversationsSearch) => ({
                ...before,
                order: value === "oldest" ? "oldest" : undefined,
              }),
              replace: true,
            })
          }
        />
      }
    >
      <Listed project={project} order={order} />
    </Page>
  );
}

function Listed({ project, order }: ConversationsSearch & { project: string | undefined }) {
  const query = useSessions(project, order);
  const { data, hasNextPage, isFetchingNextPage, isFetchNextPageError, fetchNextPage } = query;
  const items = useMemo(() => data?.pages.flatMap((page) => page.items) ?? [], [data]);
  const onEnd = useCallback(() => {
    if (hasNextPage && !isFetchingNextPage && !isFetchNextPageError) void fetchNextPage();
  }, [hasNextPage, isFetchingNextPage, isFetchNextPageError, fetchNextPage]);
  if (query.isError && (!items.length || query.isPlaceholderData)) {
    return <Failed error={query.error} onAgain={() => void query.refetch()} />;
  }
  if (data === undefined) return <Loading what="the sessions" />;
  if (!items.length && !query.isPlaceholderData) return <NoSessions />;
  return (
    <div>
      <p className={style.summary} role="status">
        {plural(items.length, "session")}
        {hasNextPage ? " loaded, more below" : ""}
      </p>
      <Table
        label="Sessions"
        items={items}
        keyOf={sessionKey}
        columns={project === undefined ? OF_ALL : OF_ONE}
        className={project === undefined ? style.all : style.one}
        more={hasNextPage}
        onEnd={onEnd}
        stale={query.isPlaceholderData}
      />
      {isFetchingNextPage ? <Loading what="more sessions" /> : null}
      {isFetchNextPageError ? <Failed error={query.error} onAgain={() => void fetchNextPage()} /> : null}
    </div>
  );
}

function NoSessions() {
  return (
    <Empty
      title="No sessions yet"
      action={
        <Link className={buttonClass()} to="/traces">
          Go to the traces
        </Link>
      }
    >
      <p>
        Give the calls of one conversation the same id, and they stand together here: the attribute{" "}
        <code>gen_ai.conversation.id</code> or <code>session.id</code> of OpenTelemetry, or{" "}
        <code>session_id</code> in the metadata of LangSmith's SDK.
      </p>
    </Empty>
  );
}
