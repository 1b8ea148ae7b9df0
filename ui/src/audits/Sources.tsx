/** What is quoted: by each field of the documents' metadata, the values whose documents have most of it. */

import { Ranking } from "../charts/Ranking";
import { plural } from "../ui/format";
import { Panel } from "../ui/layout";
import style from "./audits.module.css";
import type { Report } from "./report";

const MOST = 10;

export function Sources({ report }: { report: Report }) {
  const fields = report.sources.filter(({ sources }) => sources.length);
  if (!fields.length) return null;
  return (
    <section className={style.section} aria-labelledby="sources">
      <h2 id="sources">What is quoted</h2>
      <div className={style.charts}>
        {fields.map(({ field, sources }) => (
          <Panel key={field} label={`Sources by ${field}`} className={style.chart}>
            <h3 className="foreign">By {field}</h3>
            <p className={style.hint}>Characters of the outputs that stand in the documents of each.</p>
            <Ranking
              label={`Sources by ${field}`}
              items={[...sources]
                .sort((one, other) => (other.characters ?? 0) - (one.characters ?? 0))
                .slice(0, MOST)
                .map(({ value, documents, characters }, place) => ({
                  key: `${place} ${value}`,
                  label: value || "no value",
                  detail: documents === null ? undefined : plural(documents, "document"),
                  value: characters ?? 0,
                  words: plural(characters ?? 0, "character"),
                }))}
            />
          </Panel>
        ))}
      </div>
    </section>
  );
}
