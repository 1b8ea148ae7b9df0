/** The pages: side by side where there is room, else behind a button. */

import { Link, useRouterState } from "@tanstack/react-router";
import { useEffect, useId, useRef, useState } from "react";
import { buttonClass } from "../ui/controls";
import style from "./Navigation.module.css";

const PAGES = [
  { to: "/", label: "Overview" },
  { to: "/traces", label: "Traces" },
  { to: "/conversations", label: "Sessions" },
  { to: "/try", label: "Try it" },
  { to: "/indexes", label: "Indexes" },
  { to: "/audits", label: "Audits" },
  { to: "/projects", label: "Projects" },
] as const;

export function Navigation() {
  const [isOpen, setOpen] = useState(false);
  const button = useRef<HTMLButtonElement>(null);
  const id = useId();
  const path = useRouterState({ select: (state) => state.location.pathname });
  // biome-ignore lint/correctness/useExhaustiveDependencies: another page is what closes it
  useEffect(() => setOpen(false), [path]);
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: it hears what leaves its button and links
    <div
      className={style.box}
      onKeyDown={(event) => {
        if (event.key !== "Escape" || !isOpen) return;
        setOpen(false);
        button.current?.focus();
      }}
      onBlur={(event) => {
        if (!event.currentTarget.contains(event.relatedTarget)) setOpen(false);
      }}
    >
      <button
        ref={button}
        type="button"
        className={`${buttonClass("plain")} ${style.button}`}
        aria-label="Menu"
        aria-expanded={isOpen}
        aria-controls={id}
        onClick={() => setOpen(!isOpen)}
      >
        <svg width="18" height="18" viewBox="0 0 18 18" aria-hidden="true" className={style.bars}>
          <path d="M2 4h14M2 9h14M2 14h14" />
        </svg>
      </button>
      <nav id={id} aria-label="Pages" className={style.nav} data-open={isOpen}>
        {PAGES.map((page) => (
          <Link key={page.to} to={page.to} activeOptions={{ exact: page.to === "/", includeSearch: false }}>
            {page.label}
          </Link>
        ))}
      </nav>
    </div>
  );
}
