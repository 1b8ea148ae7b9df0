/** What is counted of the passage that is selected. */

import type { Schema } from "../api/client";
import { formatCount, plural, shorten } from "../ui/format";
import { useRegionName } from "./naming";
import { countWords, rarityWords } from "./rarity";
import style from "./SelectedPassage.module.css";

const LONGEST_QUOTE = 160;

export function SelectedPassage({ span }: { span: Schema["SpanModel"] }) {
  const regionName = useRegionName();
  const counts = Object.entries(span.counts);
  return (
    <section aria-label={regionName("Selected passage")} className={style.passage}>
      <blockquote className="foreign">{shorten(span.text, LONGEST_QUOTE)}</blockquote>
      <p>
        {plural(span.end - span.start, "character")} · {plural(span.tokens, "token")} · {countWords(span)}
        {counts.length > 1 ? (
          <span className="foreign">
            {" "}
            ({counts.map(([index, count]) => `${index} ${formatCount(count)}`).join(", ")})
          </span>
        ) : null}
      </p>
      <p className={style.soft}>{rarityWords(span)}</p>
    </section>
  );
}
