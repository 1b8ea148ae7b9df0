/** Draws sections when they come near the window, and the others when there is nothing else to do. */

import { type RefObject, useEffect } from "react";
import type { Section } from "./marking";
import type { DrawnSections } from "./readingState";

const NEAR = "150% 0px";
/** Longer texts are drawn only where they are looked at: their elements would fill the memory. */
const MOST_IN_ADVANCE = 300_000;

export function useDrawing(
  box: RefObject<HTMLElement | null>,
  sections: readonly Section[],
  drawn: DrawnSections,
): void {
  useEffect(() => {
    const all = () => {
      for (let at = 0; at < sections.length; at++) drawn.add(at);
    };
    if (typeof IntersectionObserver === "undefined") {
      all();
      return;
    }
    const observer = new IntersectionObserver(
      (entries) => {
        for (const { isIntersecting, target } of entries) {
          if (!isIntersecting) continue;
          observer.unobserve(target);
          drawn.add(Number(target.getAttribute("data-section")));
        }
      },
      { rootMargin: NEAR },
    );
    for (const element of box.current?.querySelectorAll("[data-section]") ?? []) observer.observe(element);
    const stop =
      (sections.at(-1)?.end ?? 0) <= MOST_IN_ADVANCE ? drawInAdvance(sections.length, drawn) : () => {};
    window.addEventListener("beforeprint", all);
    return () => {
      observer.disconnect();
      stop();
      window.removeEventListener("beforeprint", all);
    };
  }, [box, sections, drawn]);
}

/** One at a time, so that nobody waits for it. */
function drawInAdvance(count: number, drawn: DrawnSections): () => void {
  let next = 0;
  let stopped = false;
  const later = window.requestIdleCallback ?? ((action: () => void) => window.setTimeout(action, 50));
  const step = () => {
    while (next < count && drawn.has(next)) next++;
    if (stopped || next >= count) return;
    drawn.add(next);
    later(step);
  };
  later(step);
  return () => {
    stopped = true;
  };
}
