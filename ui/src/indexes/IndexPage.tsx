/** One index: what it is made of, and phrases in it. */

import { getRouteApi } from "@tanstack/react-router";
import type { Schema } from "../api/client";
import { failureOf } from "../api/errors";
import { formatBytes, formatCount } from "../ui/format";
import { Badge, Fact, Facts, Page, Panel } from "../ui/layout";
import { Loaded, Note, NotFound } from "../ui/states";
import style from "./indexes.module.css";
import { PhraseSearch } from "./PhraseSearch";
import { useIndex } from "./queries";
import { Status } from "./Status";
import type { IndexSearch } from "./search";
import { verificationOf } from "./verification";

const route = getRouteApi("/indexes/$name");

export function IndexPage() {
  const { name } = route.useParams();
  const { phrase } = route.useSearch();
  const navigate = route.useNavigate();
  const query = useIndex(name);
  if (query.isError && failureOf(query.error).kind === "not_found")
    return (
      <Page title={name}>
        <NotFound what="index" />
      </Page>
    );
  return (
    <Page title={name} {...(query.data ? { actions: <Status index={query.data} /> } : {})}>
      <Loaded query={query} what="the index">
        {(index) => (
          <>
            {index.reason ? <Note>{index.reason}</Note> : null}
            <About index={index} />
            <PhraseSearch
              phrase={phrase}
              indexes={[name]}
              onSearch={(next) =>
                void navigate({ to: ".", search: (before: IndexSearch) => ({ ...before, phrase: next }) })
              }
            />
            <Segments segments={index.segments} />
          </>
        )}
      </Loaded>
    </Page>
  );
}

function About({ index }: { index: Schema["IndexModel"] }) {
  const verified = verificationOf(index);
  return (
    <Panel label="About the index">
      <Facts>
        <Fact label="Documents">{formatCount(index.documents)}</Fact>
        <Fact label="Tokens">{formatCount(index.tokens)}</Fact>
        <Fact label="Size on disk">{formatBytes(index.bytes)}</Fact>
        <Fact label="Tokenizer">{index.tokenizer?.name ?? "unknown"}</Fact>
        <Fact label="Vocabulary">{formatCount(index.tokenizer?.vocabulary)}</Fact>
        <Fact label="Version">
          <code>{index.version ?? "none"}</code>
        </Fact>
        <Fact label="Tokenizer's hash">
          <code>{index.tokenizer?.hash ?? "none"}</code>
        </Fact>
        <Fact label="Last verification">
          <Badge tone={verified.tone}>{verified.words}</Badge>
        </Fact>
      </Facts>
      {index.verified?.version === index.version ? null : (
        <p className={style.soft}>
          <code>wherefrom verify</code> reads an index whole, and notes here what it finds.
        </p>
      )}
    </Panel>
  );
}

function Segments({ segments }: { segments: readonly Schema["SegmentModel"][] }) {
  return (
    <Panel label="Segments">
      <h2>Segments</h2>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by keyboard */}
      <section className={style.scroll} aria-label="Table of segments" tabIndex={0}>
        <table className={style.table}>
          <thead>
            <tr>
              <th scope="col">Segment</th>
              <th scope="col">Documents</th>
              <th scope="col">Removed, not compacted</th>
              <th scope="col">Tokens</th>
              <th scope="col">Size on disk</th>
            </tr>
          </thead>
          <tbody>
            {segments.map((segment) => (
              <tr key={segment.name}>
                <th scope="row">{segment.name}</th>
                <td>{formatCount(segment.documents)}</td>
                <td>{formatCount(segment.removed)}</td>
                <td>{formatCount(segment.tokens)}</td>
                <td>{formatBytes(segment.bytes)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </section>
    </Panel>
  );
}
