/** What changes while a text is read; only the elements that it concerns hear of it. */

import { useCallback, useSyncExternalStore } from "react";

export type Field = "selected" | "active" | "located";

/** Which passage is selected, which has the tab stop, which was asked to be shown. */
export class ReadingState {
  private readonly listeners = new Map<number, Set<() => void>>();
  private readonly values: Record<Field, number | null>;

  constructor(selected: number | null) {
    this.values = { selected, active: selected, located: null };
  }

  get(field: Field): number | null {
    return this.values[field];
  }

  set(field: Field, place: number | null): void {
    const before = this.values[field];
    if (before === place) return;
    this.values[field] = place;
    for (const one of [before, place])
      if (one !== null) for (const listener of [...(this.listeners.get(one) ?? [])]) listener();
  }

  subscribe(places: readonly number[], listener: () => void): () => void {
    for (const place of places) {
      const known = this.listeners.get(place);
      if (known) known.add(listener);
      else this.listeners.set(place, new Set([listener]));
    }
    return () => {
      for (const place of places) this.listeners.get(place)?.delete(listener);
    };
  }
}

/** Which of some passages a field names; null: none of them. */
export function useNamed(state: ReadingState, field: Field, places: readonly number[]): number | null {
  const subscribe = useCallback((listener: () => void) => state.subscribe(places, listener), [state, places]);
  return useSyncExternalStore(subscribe, () => {
    const place = state.get(field);
    return place !== null && places.includes(place) ? place : null;
  });
}

/** Which sections are drawn in full; once drawn they stay so. */
export class DrawnSections {
  private readonly drawn = new Set<number>();
  private readonly listeners = new Map<number, () => void>();

  has(section: number): boolean {
    return this.drawn.has(section);
  }

  add(section: number): void {
    if (this.drawn.has(section)) return;
    this.drawn.add(section);
    this.listeners.get(section)?.();
  }

  subscribe(section: number, listener: () => void): () => void {
    this.listeners.set(section, listener);
    return () => this.listeners.delete(section);
  }
}

export function useIsDrawn(drawn: DrawnSections, section: number): boolean {
  const subscribe = useCallback(
    (listener: () => void) => drawn.subscribe(section, listener),
    [drawn, section],
  );
  return useSyncExternalStore(subscribe, () => drawn.has(section));
}
