/** What is not shown, what a match means, and what was searched. */

import { Link } from "@tanstack/react-router";
import type { Schema } from "../api/client";
import { formatCompact, formatCount, formatDuration } from "../ui/format";
import { Disclosure } from "./Disclosure";
import style from "./Explanation.module.css";
import { useRegionName } from "./naming";
import { withheldSentences } from "./withheld";

export function Explanation({ provenance }: { provenance: Schema["ProvenanceModel"] }) {
  const regionName = useRegionName();
  const withheld = withheldSentences(provenance.withheld);
  return (
    <div className={style.explanation}>
      {withheld.length ? (
        <section aria-label={regionName("What is not shown")}>
          <h3>What is not shown</h3>
          <ul>
            {withheld.map((sentence) => (
              <li key={sentence}>{sentence}</li>
            ))}
          </ul>
        </section>
      ) : null}
      <section aria-label={regionName("What a match means")}>
        <h3>What a match means</h3>
        <p>
          Each marked passage stands word for word in the documents that are listed with it. That is evidence
          of text, not of influence: it does not say that the model wrote the passage because of these
          documents. Common phrases match by chance, and what the model learned in other words is not found.
        </p>
      </section>
      <Searched provenance={provenance} />
    </div>
  );
}

const SHORT_VERSION = 12;

function Searched({ provenance }: { provenance: Schema["ProvenanceModel"] }) {
  return (
    <Disclosure label="What was searched">
      <table className={style.searched}>
        <thead>
          <tr>
            <th scope="col">Index</th>
            <th scope="col">Version</th>
            <th scope="col">Documents</th>
            <th scope="col">Tokens</th>
          </tr>
        </thead>
        <tbody>
          {provenance.indexes.map((index) => (
            <tr key={index.name}>
              <td className="foreign">
                <Link to="/indexes/$name" params={{ name: index.name }}>
                  {index.name}
                </Link>
              </td>
              <td>
                <code title={index.version}>{index.version.slice(0, SHORT_VERSION)}</code>
              </td>
              <td>{formatCount(index.documents)}</td>
              <td>{formatCompact(index.tokens)}</td>
            </tr>
          ))}
        </tbody>
      </table>
      <p className={style.soft}>
        Preset “{provenance.preset}”; the text has {formatCount(provenance.tokens)} tokens; traced in{" "}
        {formatDuration(provenance.timing_ms.total)}.
      </p>
    </Disclosure>
  );
}
