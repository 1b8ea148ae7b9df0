import { type RefObject, useLayoutEffect, useRef } from "react";

/** What was given last, for what must not be made anew when it changes. */
export function useLatest<T>(value: T): RefObject<T> {
  const latest = useRef(value);
  useLayoutEffect(() => {
    latest.current = value;
  });
  return latest;
}
