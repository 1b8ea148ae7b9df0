import { useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef, useState } from "react";
import { untilAlive } from "./alive";
import { isGone, NONE, type Troubles, waits, watchTroubles } from "./troubles";

const FIRST_PAUSE_MS = 5_000;
const LONGEST_PAUSE_MS = 60_000;

export function useTroubles(): Troubles {
  const queries = useQueryClient();
  const [troubles, setTroubles] = useState(NONE);
  useEffect(() => watchTroubles(queries, setTroubles), [queries]);
  return troubles;
}

/** Whether the service is gone. When it is back, all that is shown is read anew. */
export function useGone(): { isGone: boolean; hurry: () => void } {
  const queries = useQueryClient();
  const [gone, setGone] = useState(false);
  const [target] = useState(() => new EventTarget());
  useEffect(() => {
    const ends = [
      queries.getQueryCache().subscribe((event) => {
        if (event.type === "updated" && event.action.type === "error" && isGone(event.action.error))
          setTimeout(setGone, 0, true);
      }),
      queries.getMutationCache().subscribe((event) => {
        if (event.type === "updated" && event.action.type === "error" && isGone(event.action.error))
          setTimeout(setGone, 0, true);
      }),
    ];
    return () => {
      for (const end of ends) end();
    };
  }, [queries]);
  useEffect(() => {
    if (!gone) return;
    const ending = new AbortController();
    void untilAlive(ending.signal, target).then(() => {
      setGone(false);
      void queries.invalidateQueries();
    });
    return () => ending.abort();
  }, [gone, queries, target]);
  return { isGone: gone, hurry: () => target.dispatchEvent(new Event("hurry")) };
}

/** Asks again for what the service refused for now, less often each time. */
export function useAgain(isWaiting: boolean): () => void {
  const queries = useQueryClient();
  const attempts = useRef(0);
  useEffect(() => {
    if (!isWaiting) return;
    let timer: ReturnType<typeof setTimeout>;
    const later = () => {
      timer = setTimeout(
        () => {
          attempts.current += 1;
          void queries.refetchQueries({ predicate: waits });
          later();
        },
        Math.min(FIRST_PAUSE_MS * 2 ** attempts.current, LONGEST_PAUSE_MS),
      );
    };
    later();
    // Refused once more within a moment is not a new beginning.
    const forget = setTimeout(() => {
      attempts.current = 0;
    }, 10 * LONGEST_PAUSE_MS);
    return () => {
      clearTimeout(timer);
      clearTimeout(forget);
    };
  }, [isWaiting, queries]);
  return () =>
    void queries.refetchQueries({ type: "active", predicate: (query) => query.state.status === "error" });
}
