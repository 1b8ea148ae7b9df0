/** What surrounds every page. */

import { Link, Outlet } from "@tanstack/react-router";
import { useState } from "react";
import { Select } from "../ui/controls";
import { Connection } from "./Connection";
import { KeyGate } from "./KeyGate";
import { ProjectSelect } from "./ProjectSelect";
import style from "./Shell.module.css";
import { applyTheme, chosenTheme, THEMES, type Theme } from "./theme";

const PAGES = [
  { to: "/", label: "Overview" },
  { to: "/traces", label: "Traces" },
  { to: "/conversations", label: "Sessions" },
  { to: "/try", label: "Try it" },
  { to: "/indexes", label: "Indexes" },
  { to: "/projects", label: "Projects" },
] as const;

const THEME_NAMES: Record<Theme, string> = { system: "As the system", light: "Light", dark: "Dark" };

export function Shell() {
  return (
    <>
      <a href="#content" className={style.skip}>
        Skip to the content
      </a>
      <header className={style.header}>
        <Link to="/" className={style.brand}>
          <img src="/icon.svg" alt="" width={24} height={24} />
          Wherefrom
        </Link>
        <nav aria-label="Pages" className={style.nav}>
          {PAGES.map((page) => (
            <Link key={page.to} to={page.to} activeOptions={{ exact: page.to === "/", includeSearch: false }}>
              {page.label}
            </Link>
          ))}
        </nav>
        <div className={style.tools}>
          <ProjectSelect />
          <ThemeSelect />
        </div>
      </header>
      <Connection />
      <main id="content" tabIndex={-1} className={style.main}>
        <KeyGate>
          <Outlet />
        </KeyGate>
      </main>
    </>
  );
}

function ThemeSelect() {
  const [theme, setTheme] = useState(chosenTheme);
  return (
    <Select
      label="Colours"
      labelUnseen
      value={theme}
      choices={THEMES.map((value) => ({ value, label: THEME_NAMES[value] }))}
      onChoose={(value) => {
        applyTheme(value as Theme);
        setTheme(value as Theme);
      }}
    />
  );
}
