/** A long list of which only what is seen is in the page. */

import { useVirtualizer, useWindowVirtualizer } from "@tanstack/react-virtual";
import { type ReactNode, type RefObject, useEffect, useRef } from "react";

interface RowsProps<T> {
  items: readonly T[];
  /** What the list is, for screen readers. */
  label: string;
  keyOf: (item: T, place: number) => string | number;
  /** Pixels of a row, about. */
  estimate: number;
  children: (item: T, place: number) => ReactNode;
  /** The element that scrolls; none: the window. */
  scroller?: RefObject<HTMLElement | null> | undefined;
  /** Asked for more when the end comes near. */
  onEnd?: (() => void) | undefined;
  /** A row that must be seen. */
  shown?: number | undefined;
  role?: "list" | "rowgroup" | "tree";
}

const OVERSCAN = 8;

export function Rows<T>(props: RowsProps<T>) {
  return props.scroller ? <BoxRows {...props} scroller={props.scroller} /> : <WindowRows {...props} />;
}

function BoxRows<T>(props: RowsProps<T> & { scroller: RefObject<HTMLElement | null> }) {
  const virtual = useVirtualizer({
    count: props.items.length,
    getScrollElement: () => props.scroller.current,
    estimateSize: () => props.estimate,
    overscan: OVERSCAN,
  });
  return <Drawn {...props} virtual={virtual} offset={0} />;
}

function WindowRows<T>(props: RowsProps<T>) {
  const box = useRef<HTMLDivElement>(null);
  const offset = box.current?.offsetTop ?? 0;
  const virtual = useWindowVirtualizer({
    count: props.items.length,
    estimateSize: () => props.estimate,
    overscan: OVERSCAN,
    scrollMargin: offset,
  });
  return (
    <div ref={box}>
      <Drawn {...props} virtual={virtual} offset={offset} />
    </div>
  );
}

type Virtual = Pick<
  ReturnType<typeof useVirtualizer<HTMLElement, Element>>,
  "getVirtualItems" | "getTotalSize" | "measureElement" | "scrollToIndex"
>;

function Drawn<T>({
  items,
  label,
  keyOf,
  children,
  onEnd,
  shown,
  role = "list",
  virtual,
  offset,
}: RowsProps<T> & { virtual: Virtual; offset: number }) {
  const seen = virtual.getVirtualItems();
  const last = seen.at(-1)?.index ?? -1;
  useEffect(() => {
    if (onEnd && last >= items.length - 1 - OVERSCAN) onEnd();
  }, [onEnd, last, items.length]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: it scrolls when another row is to be shown, not when it scrolled
  useEffect(() => {
    if (shown !== undefined && shown >= 0) virtual.scrollToIndex(shown, { align: "auto" });
  }, [shown]);
  return (
    // biome-ignore lint/a11y/useAriaPropsSupportedByRole: each of the roles takes a label
    <div role={role} aria-label={label} style={{ position: "relative", height: virtual.getTotalSize() }}>
      {seen.map((row) => {
        const item = items[row.index];
        if (item === undefined) return null;
        return (
          <div
            key={keyOf(item, row.index)}
            ref={virtual.measureElement}
            data-index={row.index}
            role={role === "list" ? "listitem" : "presentation"}
            style={{
              position: "absolute",
              insetInline: 0,
              top: 0,
              transform: `translateY(${row.start - offset}px)`,
            }}
          >
            {children(item, row.index)}
          </div>
        );
      })}
    </div>
  );
}
