/** A trace's spans as a tree: rows that open, close and select, of which only those that are seen are in the page. */

import { useVirtualizer } from "@tanstack/react-virtual";
import { type KeyboardEvent, type MouseEvent, memo, useEffect, useId, useMemo, useRef } from "react";
import type { TRACE_VIEWS } from "../search";
import { Axis } from "./Axis";
import { actionOf, rowOf } from "./keyboard";
import { SpanRow } from "./SpanRow";
import style from "./SpanTree.module.css";
import type { Span } from "./spans";
import { stretchOf } from "./timeScale";
import type { TreeState } from "./useTreeState";

interface SpanTreeProps {
  spans: readonly Span[];
  state: TreeState;
  view: (typeof TRACE_VIEWS)[number];
  onSelect: (span: Span) => void;
}

const ROW_HEIGHT = 34;
const OVERSCAN = 10;

export const SpanTree = memo(function SpanTree({ spans, state, view, onSelect }: SpanTreeProps) {
  const { rows, closed, active, selected, siblings } = state;
  const id = useId();
  const scroller = useRef<HTMLDivElement>(null);
  const stretch = useMemo(() => stretchOf(spans), [spans]);
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW_HEIGHT,
    overscan: OVERSCAN,
    useFlushSync: false,
  });
  const seen = virtual.getVirtualItems();
  const activeRow = rowOf(rows, active);
  useEffect(() => {
    if (activeRow >= 0) virtual.scrollToIndex(activeRow, { align: "auto" });
  }, [activeRow, virtual]);

  const select = (place: number) => {
    const span = spans[place];
    state.setActive(place);
    if (span) onSelect(span);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const page = Math.max(1, Math.floor((scroller.current?.clientHeight ?? 0) / ROW_HEIGHT) - 1);
    const action = actionOf(event.key, { nodes: spans, rows, closed, active, page });
    if (!action) return;
    event.preventDefault();
    if (action.kind === "move") state.setActive(action.to);
    else if (action.kind === "select") select(action.place);
    else if (action.kind === "open") state.open([action.place]);
    else if (action.kind === "close") state.close(action.place);
    else {
      const parent = spans[action.of]?.parent;
      state.open(rows.filter((place) => spans[place]?.parent === parent));
    }
  };
  const onClick = (event: MouseEvent) => {
    if (!(event.target instanceof Element)) return;
    const row = event.target.closest("[data-place]");
    const place = Number(row?.getAttribute("data-place") ?? -1);
    const span = spans[place];
    if (!span) return;
    if (!event.target.closest("[data-toggle]")) select(place);
    else {
      state.setActive(place);
      if (closed.has(place)) state.open([place]);
      else state.close(place);
    }
  };

  return (
    <div className={style.box} data-view={view}>
      <Axis view={view} stretch={stretch} />
      <div ref={scroller} className={style.scroller}>
        <div
          role="tree"
          aria-label={view === "tree" ? "Spans" : "Spans on a time axis"}
          tabIndex={0}
          className={style.tree}
          style={{ height: virtual.getTotalSize() }}
          aria-activedescendant={seen.some((row) => row.index === activeRow) ? `${id}-${active}` : undefined}
          onKeyDown={onKeyDown}
          onClick={onClick}
          onFocus={() => {
            if (activeRow < 0 && rows[0] !== undefined) state.setActive(selected >= 0 ? selected : rows[0]);
          }}
        >
          {seen.map((row) => {
            const place = rows[row.index] ?? -1;
            const span = spans[place];
            if (!span) return null;
            return (
              <SpanRow
                key={span.id}
                id={`${id}-${place}`}
                span={span}
                place={place}
                top={row.start}
                height={ROW_HEIGHT}
                view={view}
                stretch={stretch}
                position={siblings.position[place] ?? 1}
                count={siblings.count[place] ?? 1}
                isClosed={closed.has(place)}
                isActive={place === active}
                isSelected={place === selected}
              />
            );
          })}
        </div>
      </div>
    </div>
  );
});
