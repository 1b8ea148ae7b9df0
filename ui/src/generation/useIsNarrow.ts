import { useSyncExternalStore } from "react";

/** Where documents have no room beside the text; Reading.module.css has the same width. */
const NARROW = "(max-width: 60rem)";

export function useIsNarrow(): boolean {
  return useSyncExternalStore(
    (listener) => {
      const query = matchMedia(NARROW);
      query.addEventListener("change", listener);
      return () => query.removeEventListener("change", listener);
    },
    () => matchMedia(NARROW).matches,
    () => false,
  );
}
