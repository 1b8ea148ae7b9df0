/** What there is most of: names with bars, each a link to what is behind it. */

import { Link, type LinkProps } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { formatCount } from "../ui/format";
import style from "./Ranking.module.css";

export interface Ranked {
  key: string;
  /** From outside. */
  label: string;
  /** What tells it from its namesakes. */
  detail?: string | undefined;
  value: number;
  /** The value in words, as in "12 traces". */
  words: string;
  /** None: what is behind it cannot be asked for. */
  link?: LinkProps | undefined;
  /** A second link, to the thing itself. */
  more?: { label: string; link: LinkProps } | undefined;
}

interface RankingProps {
  label: string;
  /** The highest first. */
  items: readonly Ranked[];
}

export function Ranking({ label, items }: RankingProps) {
  const top = Math.max(1, items[0]?.value ?? 1);
  return (
    <ol className={style.ranking} aria-label={label}>
      {items.map((item) => (
        <li key={item.key} className={style.row}>
          <Behind item={item}>
            <span className={style.names}>
              <span className={`foreign ${style.name}`} title={item.label}>
                {item.label}
              </span>
              {item.detail ? <span className={`foreign ${style.detail}`}>{item.detail}</span> : null}
            </span>
            <span className={style.value}>{formatCount(item.value)}</span>
            <span className={style.track}>
              <span className={style.bar} style={{ width: `${(100 * item.value) / top}%` }} />
            </span>
          </Behind>
          {item.more ? (
            <Link {...item.more.link} className={style.more} aria-label={`${item.more.label} ${item.label}`}>
              {item.more.label}
            </Link>
          ) : null}
        </li>
      ))}
    </ol>
  );
}

function Behind({ item, children }: { item: Ranked; children: ReactNode }) {
  const { label, detail, words, link } = item;
  if (!link) return <div className={style.link}>{children}</div>;
  return (
    <Link {...link} className={style.link}>
      <span className="unseen">{[label, detail, words].filter(Boolean).join(", ")}</span>
      <span className={style.seen} aria-hidden="true">
        {children}
      </span>
    </Link>
  );
}
