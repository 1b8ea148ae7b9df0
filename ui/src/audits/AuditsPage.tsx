/** The reports of audits that the service has. */

import { Link } from "@tanstack/react-router";
import type { Schema } from "../api/client";
import { formatCount } from "../ui/format";
import { Badge, Fact, Facts, Page, Panel } from "../ui/layout";
import { Empty, Loaded, Note } from "../ui/states";
import style from "./audits.module.css";
import { useAudits } from "./queries";
import { EXAMINED, KINDS } from "./words";

export function AuditsPage() {
  const query = useAudits();
  return (
    <Page title="Audits" lead="What many outputs have in common with the corpora, as reports.">
      <Loaded query={query} what="the audits">
        {({ items }) =>
          items.length ? (
            <ul className={style.list} aria-label="Audits">
              {items.map((audit) => (
                <li key={audit.name}>
                  <AuditCard audit={audit} />
                </li>
              ))}
            </ul>
          ) : (
            <NoAudits />
          )
        }
      </Loaded>
    </Page>
  );
}

function AuditCard({ audit }: { audit: Schema["AuditModel"] }) {
  const isReadable = audit.kind !== null;
  return (
    <Panel label={`Audit ${audit.name}`}>
      <div className={style.head}>
        <h2 className="foreign">
          {isReadable ? (
            <Link to="/audits/$name" params={{ name: audit.name }}>
              {audit.name}
            </Link>
          ) : (
            audit.name
          )}
        </h2>
        <Badge tone={isReadable ? "neutral" : "bad"}>
          {isReadable ? (KINDS[audit.kind ?? ""] ?? audit.kind) : "cannot be read"}
        </Badge>
      </div>
      {isReadable ? (
        <Facts>
          <Fact label="Made on">{audit.created || "unknown"}</Fact>
          {audit.examined === null ? null : (
            <Fact label={EXAMINED[audit.kind ?? ""] ?? "Outputs"}>{formatCount(audit.examined)}</Fact>
          )}
          <Fact label="Indexes">{audit.indexes.map(({ name }) => name).join(", ") || "unknown"}</Fact>
        </Facts>
      ) : (
        <Note>{audit.fault}</Note>
      )}
    </Panel>
  );
}

function NoAudits() {
  return (
    <Empty title="There are no audits">
      <p>Make a report, and start the service with the folder that it stands in:</p>
      <pre className={style.commands}>
        <code>
          {
            "wherefrom audit corpus.index outputs.jsonl --report audits/first\nwherefrom serve corpus.index --audits audits"
          }
        </code>
      </pre>
    </Empty>
  );
}
