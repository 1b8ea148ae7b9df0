/** Which generations quote a document. */

import { Link } from "@tanstack/react-router";
import { Button } from "../ui/controls";
import { formatCount, formatShare, formatTime, shorten } from "../ui/format";
import { Failed, Loading } from "../ui/states";
import style from "./DocumentPage.module.css";
import { type DocumentName, useQuoting } from "./queries";

interface QuotingGenerationsProps {
  name: DocumentName;
  project: string | undefined;
  /** The one from which the document was opened. */
  from: string | undefined;
}

const LONGEST_NAME = 60;

export function QuotingGenerations({ name, project, from }: QuotingGenerationsProps) {
  const query = useQuoting(name, project);
  if (query.isError && !query.data)
    return <Failed error={query.error} onAgain={() => void query.refetch()} />;
  if (!query.data) return <Loading what="the generations that quote it" />;
  const items = query.data.pages.flatMap((page) => page.items);
  if (!items.length)
    return <p className={style.none}>No generation {project ? "of this project " : ""}quotes it.</p>;
  return (
    <>
      <ul className={style.quoting}>
        {items.map((item) => (
          <li key={`${item.trace}/${item.id}${item.place}`}>
            <Link
              to="/generations/$generationId"
              params={{ generationId: item.id }}
              search={{ project: item.project }}
              className="foreign"
            >
              {shorten(item.name || item.id, LONGEST_NAME)}
            </Link>
            {item.id === from ? " (opened from here)" : null}
            <span className={`foreign ${style.small}`}>
              {item.model ? `${shorten(item.model, LONGEST_NAME)} · ` : ""}
              {formatTime(item.start ?? item.received)} · {formatCount(item.document.longest_span)} characters
              of it · coverage {formatShare(item.coverage)}
            </span>
          </li>
        ))}
      </ul>
      {query.hasNextPage ? (
        <Button disabled={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>
          Show more generations
        </Button>
      ) : null}
      {query.isFetchNextPageError ? <Failed error={query.error} /> : null}
    </>
  );
}
