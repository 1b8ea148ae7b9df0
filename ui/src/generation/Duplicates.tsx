/** Documents with the same text, which stand for one card. */

import { useInfiniteQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { answer, client } from "../api/client";
import { Button } from "../ui/controls";
import { plural } from "../ui/format";
import { Failed, Loading } from "../ui/states";
import { Disclosure } from "./Disclosure";
import style from "./Duplicates.module.css";
import { originOf } from "./metadata";

interface DuplicatesProps {
  index: string;
  id: string;
  count: number;
}

export function Duplicates({ index, id, count }: DuplicatesProps) {
  return (
    <Disclosure label={`${plural(count, "duplicate")} with the same text`}>
      <List index={index} id={id} />
    </Disclosure>
  );
}

const A_PAGE = 20;

function List({ index, id }: { index: string; id: string }) {
  const query = useInfiniteQuery({
    queryKey: ["duplicates", index, id],
    queryFn: ({ pageParam, signal }) =>
      answer(
        client.GET("/v1/indexes/{name}/documents/{document_id}/duplicates", {
          params: {
            path: { name: index, document_id: id },
            query: { limit: A_PAGE, ...(pageParam ? { cursor: pageParam } : {}) },
          },
          signal,
        }),
      ),
    initialPageParam: "",
    getNextPageParam: (page) => page.next,
  });
  if (query.isError && !query.data)
    return <Failed error={query.error} onAgain={() => void query.refetch()} />;
  if (!query.data) return <Loading what="the duplicates" />;
  return (
    <>
      <ul className={style.list}>
        {query.data.pages
          .flatMap((page) => page.items)
          .map((each) => (
            <li key={each.id} className="foreign">
              <Link to="/documents" search={{ index, id: each.id }}>
                {originOf(each.metadata).title ?? each.id}
              </Link>{" "}
              <code>{each.id}</code>
            </li>
          ))}
      </ul>
      {query.hasNextPage ? (
        <Button disabled={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>
          Show more duplicates
        </Button>
      ) : null}
      {query.isFetchNextPageError ? <Failed error={query.error} /> : null}
    </>
  );
}
