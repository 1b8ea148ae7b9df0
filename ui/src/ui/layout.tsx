/** Boxes that pages are made of. */

import type { ReactNode } from "react";
import { useEffect } from "react";
import style from "./layout.module.css";

interface PageProps {
  /** Shown as the heading, and in the title of the browser's tab. */
  title: string;
  lead?: ReactNode;
  actions?: ReactNode;
  children: ReactNode;
}

export function Page({ title, lead, actions, children }: PageProps) {
  useTitle(title);
  return (
    <div className={style.page}>
      <div>
        <div className={style.top}>
          <h1 className="foreign">{title}</h1>
          {actions}
        </div>
        {lead ? <div className={style.lead}>{lead}</div> : null}
      </div>
      {children}
    </div>
  );
}

export function useTitle(title: string): void {
  useEffect(() => {
    document.title = title === "Wherefrom" ? title : `${title} · Wherefrom`;
  }, [title]);
}

export function Panel({
  label,
  children,
  className,
}: {
  label?: string;
  children: ReactNode;
  className?: string | undefined;
}) {
  return (
    <section aria-label={label} className={`${style.panel} ${className ?? ""}`}>
      {children}
    </section>
  );
}

/** Numbers with what they are. */
export function Facts({ children }: { children: ReactNode }) {
  return <dl className={style.facts}>{children}</dl>;
}

export function Fact({ label, children }: { label: string; children: ReactNode }) {
  return (
    <div className={style.fact}>
      <dt>{label}</dt>
      <dd className="foreign">{children}</dd>
    </div>
  );
}

export type Tone = "neutral" | "good" | "warn" | "bad";

export function Badge({ tone = "neutral", children }: { tone?: Tone; children: ReactNode }) {
  return <span className={`${style.badge} ${tone === "neutral" ? "" : style[tone]}`}>{children}</span>;
}
