/** What surrounds every page. */

import { Link, Outlet } from "@tanstack/react-router";
import { useEffect } from "react";
import { Announcer, focusContent } from "./Announcer";
import { Connection } from "./Connection";
import { KeyGate } from "./KeyGate";
import { Navigation } from "./Navigation";
import { ProjectSelect } from "./ProjectSelect";
import { loadAll } from "./pages";
import { Settings } from "./Settings";
import style from "./Shell.module.css";

export function Shell() {
  useEffect(() => {
    let isHere = true;
    void loadAll(() => isHere);
    return () => {
      isHere = false;
    };
  }, []);
  return (
    <>
      {/* biome-ignore lint/a11y/useValidAnchor: it is a link; the address is left as it is, since its fragment may hold a text */}
      <a
        href="#content"
        className={style.skip}
        onClick={(event) => {
          event.preventDefault();
          focusContent();
        }}
      >
        Skip to the content
      </a>
      <header className={style.header}>
        <Link to="/" className={style.brand}>
          <img src="/icon.svg" alt="" width={24} height={24} />
          <span className={style.name}>Wherefrom</span>
        </Link>
        <Navigation />
        <div className={style.tools}>
          <ProjectSelect />
          <Settings />
        </div>
      </header>
      <Announcer />
      <Connection />
      <main id="content" tabIndex={-1} className={style.main}>
        <KeyGate>
          <Outlet />
        </KeyGate>
      </main>
    </>
  );
}
