/** One report: its figures, its curves, its groups, its worst cases, and how it was made. */

import { getRouteApi, Link } from "@tanstack/react-router";
import { useCallback } from "react";
import { failureOf } from "../api/errors";
import { formatCount } from "../ui/format";
import { Badge, Fact, Facts, Page, Panel } from "../ui/layout";
import { Empty, Loaded, Note, NotFound } from "../ui/states";
import style from "./audits.module.css";
import { Curves } from "./Curves";
import { Findings } from "./Findings";
import { Groups } from "./Groups";
import { Measures } from "./Measures";
import { Method } from "./Method";
import { useAudit } from "./queries";
import { Rates } from "./Rates";
import { ReportFile } from "./ReportFile";
import type { Group, Report } from "./report";
import { Sources } from "./Sources";
import type { AuditSearch } from "./search";
import { Variants } from "./Variants";
import { WorstCases } from "./WorstCases";
import { countName, KINDS, nameOf } from "./words";

const route = getRouteApi("/audits/$name");

export function AuditPage() {
  const { name } = route.useParams();
  const query = useAudit(name);
  if (query.isError && failureOf(query.error).kind === "not_found")
    return (
      <Page title={name}>
        <NotFound what="audit" />
      </Page>
    );
  return (
    <Page
      title={name}
      lead={<Link to="/audits">All audits</Link>}
      {...(query.data ? { actions: <ReportFile name={name} /> } : {})}
    >
      <Loaded query={query} what="the report">
        {(report) => <Whole report={report} />}
      </Loaded>
    </Page>
  );
}

function Whole({ report }: { report: Report }) {
  const { field, group, measure } = route.useSearch();
  const navigate = route.useNavigate();
  const onChange = useCallback(
    (change: Partial<AuditSearch>) =>
      void navigate({ to: ".", search: (before: AuditSearch) => ({ ...before, ...change }), replace: true }),
    [navigate],
  );
  const shown = groupOf(report, field, group);
  return (
    <>
      <Note>
        A match is evidence of text, never proof of influence: common phrases match by chance. Compare with
        what people wrote.
      </Note>
      <About report={report} />
      {report.overall ? (
        <>
          {report.notes.length ? (
            <Note>
              {report.notes.map((note) => (
                <p key={note}>{note}</p>
              ))}
            </Note>
          ) : null}
          <Measures report={report} overall={report.overall} />
          <Curves report={report} shown={shown} onChange={onChange} />
          <Groups report={report} measure={measure} onChange={onChange} />
          <WorstCases cases={report.worst} of="output" indexes={report.indexes} />
          <Sources report={report} />
          <Findings report={report} />
        </>
      ) : report.variants.length ? (
        <>
          <Variants report={report} />
          <WorstCases cases={report.worst} of="item" indexes={report.indexes} />
        </>
      ) : report.rates.length ? (
        <Rates report={report} />
      ) : (
        <Empty title="The figures stand on the report's page">
          This kind of report is shown by the page that was written with it.
        </Empty>
      )}
      <Method report={report} />
    </>
  );
}

/** The group that is asked for; all outputs where there is none of that name. */
function groupOf(report: Report, field: string | undefined, name: string | undefined): Group | null {
  const groups = report.groups.find((one) => one.field === field)?.groups;
  return groups?.find((one) => one.name === name) ?? report.overall;
}

/** That none is too short for a threshold need not be said for each. */
function isTelling([what, count]: [string, number]): boolean {
  return count > 0 || !what.startsWith("too_short");
}

function About({ report }: { report: Report }) {
  return (
    <Panel label="About the report">
      <Facts>
        <Fact label="Kind">
          <Badge>{KINDS[report.kind] ?? nameOf(report.kind)}</Badge>
        </Fact>
        <Fact label="Made on">{report.created || "unknown"}</Fact>
        {report.counts.filter(isTelling).map(([what, count]) => (
          <Fact key={what} label={countName(what)}>
            {formatCount(count)}
          </Fact>
        ))}
      </Facts>
      <ul className={style.indexes} aria-label="Indexes that it was made with">
        {report.indexes.map(({ name, version, documents, tokens }) => (
          <li key={`${name} ${version}`} className="foreign">
            Compared with <strong>{name}</strong>, version <code>{version}</code>: {formatCount(documents)}{" "}
            documents, {formatCount(tokens)} tokens
          </li>
        ))}
      </ul>
    </Panel>
  );
}
