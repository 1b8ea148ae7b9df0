/** Which rows of a tree are shown, and which of them the keys act on. Kept by ids: places change when spans come. */

import { useCallback, useEffect, useMemo, useState } from "react";
import { allClosed, ancestorsOf, keptPlaces, type Span, shownPlaces, siblingsOf } from "./spans";
import { KIND_NAMES } from "./words";

interface Filter {
  find: string | undefined;
  errors: boolean | undefined;
}

const NONE: ReadonlySet<string> = new Set();

export function useTreeState(spans: readonly Span[], step: string | undefined, { find, errors }: Filter) {
  const places = useMemo(() => new Map(spans.map((span, place) => [span.id, place])), [spans]);
  const siblings = useMemo(() => siblingsOf(spans), [spans]);
  const kept = useMemo(
    () => (find || errors ? keptPlaces(spans, (span) => matches(span, find, errors)) : null),
    [spans, find, errors],
  );
  const found = useMemo(
    () =>
      kept === null
        ? spans.length
        : spans.reduce((sum, span) => sum + Number(matches(span, find, errors)), 0),
    [spans, kept, find, errors],
  );

  // What is closed while something is looked for is forgotten with that.
  const scope = `${errors ? "errors" : ""} ${find ?? ""}`;
  const [closing, setClosing] = useState<Record<string, ReadonlySet<string>>>({});
  const closedIds = closing[scope] ?? NONE;
  const setClosed = useCallback(
    (change: (before: ReadonlySet<string>) => ReadonlySet<string>) =>
      setClosing((before) => ({ " ": before[" "] ?? NONE, [scope]: change(before[scope] ?? NONE) })),
    [scope],
  );
  const closed = useMemo(() => placesOf(closedIds, places), [closedIds, places]);
  const rows = useMemo(() => shownPlaces(spans, closed, kept), [spans, closed, kept]);

  const [activeId, setActive] = useState<string | undefined>(step);
  const active = places.get(activeId ?? "") ?? -1;
  const selected = places.get(step ?? "") ?? -1;

  // The step of the address is seen, whatever was closed.
  useEffect(() => {
    if (step === undefined) return;
    setActive(step);
    const place = places.get(step);
    if (place === undefined) return;
    setClosed((before) => without(before, idsOf(spans, ancestorsOf(spans, place))));
  }, [step, places, spans, setClosed]);

  return {
    siblings,
    closed,
    rows,
    active,
    selected,
    found,
    setActive: useCallback((place: number) => setActive(spans[place]?.id), [spans]),
    open: useCallback(
      (opened: readonly number[]) => setClosed((before) => without(before, idsOf(spans, opened))),
      [spans, setClosed],
    ),
    close: useCallback(
      (place: number) => setClosed((before) => new Set([...before, ...idsOf(spans, [place])])),
      [spans, setClosed],
    ),
    openAll: useCallback(() => setClosed(() => NONE), [setClosed]),
    closeAll: useCallback(
      () => setClosed(() => new Set(idsOf(spans, [...allClosed(spans)]))),
      [spans, setClosed],
    ),
  };
}

export type TreeState = ReturnType<typeof useTreeState>;

function matches(span: Span, find: string | undefined, errors: boolean | undefined): boolean {
  if (errors && span.status !== "error") return false;
  if (!find) return true;
  const wanted = find.toLowerCase();
  return [span.name, span.model, KIND_NAMES[span.kind]].some((text) => text?.toLowerCase().includes(wanted));
}

function placesOf(ids: ReadonlySet<string>, places: ReadonlyMap<string, number>): ReadonlySet<number> {
  const found = new Set<number>();
  for (const id of ids) {
    const place = places.get(id);
    if (place !== undefined) found.add(place);
  }
  return found;
}

function idsOf(spans: readonly Span[], places: readonly number[]): string[] {
  return places.flatMap((place) => spans[place]?.id ?? []);
}

function without(before: ReadonlySet<string>, ids: readonly string[]): ReadonlySet<string> {
  if (!ids.some((id) => before.has(id))) return before;
  const after = new Set(before);
  for (const id of ids) after.delete(id);
  return after;
}
