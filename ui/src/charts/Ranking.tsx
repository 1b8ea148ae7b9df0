/** What there is most of: names with bars, each a link to what is behind it. */

import { Link, type LinkProps } from "@tanstack/react-router";
import { formatCount } from "../ui/format";
import style from "./Ranking.module.css";

export interface Ranked {
  key: string;
  /** From outside. */
  label: string;
  /** Where it stands, or what else tells it from its namesakes. */
  detail?: string | undefined;
  value: number;
  /** The value in words, as in "12 traces". */
  words: string;
  link: LinkProps;
  /** A second link, to the thing itself. */
  more?: { label: string; link: LinkProps } | undefined;
}

interface RankingProps {
  label: string;
  /** The highest first. */
  items: readonly Ranked[];
}

export function Ranking({ label, items }: RankingProps) {
  const top = items[0]?.value ?? 1;
  return (
    <ol className={style.ranking} aria-label={label}>
      {items.map(({ key, label: name, detail, value, words, link, more }) => (
        <li key={key} className={style.row}>
          <Link
            {...link}
            className={style.link}
            aria-label={[name, detail, words].filter(Boolean).join(", ")}
          >
            <span className={style.names}>
              <span className={`foreign ${style.name}`} title={name}>
                {name}
              </span>
              {detail ? <span className={`foreign ${style.detail}`}>{detail}</span> : null}
            </span>
            <span className={style.value}>{formatCount(value)}</span>
            <span className={style.track}>
              <span className={style.bar} style={{ width: `${(100 * value) / Math.max(top, 1)}%` }} />
            </span>
          </Link>
          {more ? (
            <Link {...more.link} className={style.more} aria-label={`${more.label} ${name}`}>
              {more.label}
            </Link>
          ) : null}
        </li>
      ))}
    </ol>
  );
}
