/** What is searched. */

import { getRouteApi, Link } from "@tanstack/react-router";
import type { Schema } from "../api/client";
import { formatBytes, formatCount } from "../ui/format";
import { Badge, Fact, Facts, Page, Panel } from "../ui/layout";
import { Empty, Loaded, Note } from "../ui/states";
import style from "./indexes.module.css";
import { PhraseSearch } from "./PhraseSearch";
import { useIndexes } from "./queries";
import { Status } from "./Status";
import type { IndexSearch } from "./search";
import { verificationOf } from "./verification";

const route = getRouteApi("/indexes");

export function IndexesPage() {
  const { phrase } = route.useSearch();
  const navigate = route.useNavigate();
  const query = useIndexes();
  return (
    <Page title="Indexes" lead="The corpora in which the words of outputs are looked for.">
      <Loaded query={query} what="the indexes">
        {({ items }) =>
          items.length ? (
            <>
              <PhraseSearch
                phrase={phrase}
                indexes={[]}
                onSearch={(next) =>
                  void navigate({ to: ".", search: (before: IndexSearch) => ({ ...before, phrase: next }) })
                }
              />
              <ul className={style.list} aria-label="Indexes">
                {items.map((index) => (
                  <li key={index.name}>
                    <IndexCard index={index} />
                  </li>
                ))}
              </ul>
            </>
          ) : (
            <NoIndexes />
          )
        }
      </Loaded>
    </Page>
  );
}

function IndexCard({ index }: { index: Schema["IndexModel"] }) {
  const verified = verificationOf(index);
  return (
    <Panel label={`Index ${index.name}`}>
      <div className={style.head}>
        <h2 className="foreign">
          <Link to="/indexes/$name" params={{ name: index.name }}>
            {index.name}
          </Link>
        </h2>
        <Status index={index} />
      </div>
      {index.reason ? <Note>{index.reason}</Note> : null}
      <Facts>
        <Fact label="Documents">{formatCount(index.documents)}</Fact>
        <Fact label="Tokens">{formatCount(index.tokens)}</Fact>
        <Fact label="Size on disk">{formatBytes(index.bytes)}</Fact>
        <Fact label="Segments">{formatCount(index.segments.length)}</Fact>
        <Fact label="Last verification">
          <Badge tone={verified.tone}>{verified.words}</Badge>
        </Fact>
      </Facts>
    </Panel>
  );
}

function NoIndexes() {
  return (
    <Empty title="No index is served">
      <p>Build one of your corpus, and start the service with it:</p>
      <pre>
        <code>{"wherefrom index corpus.jsonl --output corpus.index\nwherefrom serve corpus.index"}</code>
      </pre>
    </Empty>
  );
}
