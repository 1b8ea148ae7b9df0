/** Tells screen readers which page they are on, and moves the focus there, as a browser does that loads one. */

import { useRouter } from "@tanstack/react-router";
import { useEffect, useState } from "react";

const MAIN = "content";

export function focusContent(): void {
  document.getElementById(MAIN)?.focus();
}

export function Announcer() {
  const router = useRouter();
  const [title, setTitle] = useState("");
  useEffect(
    () =>
      router.subscribe("onRendered", ({ pathChanged, fromLocation }) => {
        if (pathChanged && fromLocation) document.getElementById(MAIN)?.focus({ preventScroll: true });
      }),
    [router],
  );
  useEffect(() => {
    const element = document.querySelector("title");
    if (!element) return;
    // The browser itself tells the first.
    let isFirst = true;
    const watcher = new MutationObserver(() => {
      if (!isFirst) setTitle(document.title);
      isFirst = false;
    });
    watcher.observe(element, { childList: true, characterData: true, subtree: true });
    return () => watcher.disconnect();
  }, []);
  return (
    <div className="unseen" aria-live="polite" aria-atomic="true">
      {title}
    </div>
  );
}
