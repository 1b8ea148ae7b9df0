/** A long table, each row of which leads somewhere; on narrow screens its rows are cards. */

import { type KeyboardEvent, memo, type ReactNode, useCallback, useEffect, useRef, useState } from "react";
import { Rows } from "./Rows";
import style from "./Table.module.css";
import { asCell, asColumnHeader, asRow, asRowGroup, asTable } from "./tableRoles";

export interface Column<T> {
  name: string;
  label: string;
  cell: (item: T) => ReactNode;
  /** How it is laid out: numbers end with their column; leads are titles of cards; spare: left out where it is narrow. */
  kind?: "number" | "lead" | "spare";
}

interface TableProps<T> {
  label: string;
  items: readonly T[];
  keyOf: (item: T) => string;
  columns: readonly Column<T>[];
  /** Sets `--columns`, the widths. */
  className?: string | undefined;
  /** Keys of those that came a moment ago. */
  fresh?: ReadonlySet<string>;
  /** More can be read. */
  more: boolean;
  onEnd: () => void;
  /** What is shown is to be replaced. */
  stale?: boolean;
}

const ROW_PX = 41;
const NONE: ReadonlySet<string> = new Set();

/** The first link of a row is what the row leads to; give it `linkClass`, so that the whole row is pressed as it. */
export const linkClass = `${style.link} foreign`;
/** A line under the link that says what spare columns say, where these are left out. */
export const belowClass = `${style.below} foreign`;

export function Table<T>(props: TableProps<T>) {
  const { label, items, keyOf, columns, className, fresh = NONE, more, onEnd, stale = false } = props;
  const { table, shown, onShown, onKeyDown } = useArrows(items.length);
  return (
    <div
      ref={table}
      tabIndex={-1}
      {...asTable({ label, rows: more ? -1 : items.length, columns: columns.length, busy: stale, onKeyDown })}
      className={`${style.table} ${className ?? ""} ${stale ? style.stale : ""}`}
    >
      <div {...asRowGroup} className={style.head}>
        <div {...asRow(1)} className={style.row}>
          {columns.map((column) => (
            <span key={column.name} {...asColumnHeader} className={column.kind && style[column.kind]}>
              {column.label}
            </span>
          ))}
        </div>
      </div>
      <Rows
        role="rowgroup"
        label={`${label}, by rows`}
        items={items}
        keyOf={keyOf}
        estimate={ROW_PX}
        onEnd={onEnd}
        shown={shown}
      >
        {(item, place) => (
          <MemoRow
            item={item}
            place={place}
            columns={columns as readonly Column<unknown>[]}
            isFresh={fresh.has(keyOf(item))}
            onShown={place === shown ? onShown : undefined}
          />
        )}
      </Rows>
    </div>
  );
}

interface RowProps {
  item: unknown;
  place: number;
  columns: readonly Column<unknown>[];
  isFresh: boolean;
  /** It is to have the focus; called with what has it now. */
  onShown: ((row: HTMLElement) => void) | undefined;
}

const MemoRow = memo(function TableRow({ item, place, columns, isFresh, onShown }: RowProps) {
  const row = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (onShown && row.current) onShown(row.current);
  }, [onShown]);
  return (
    <div
      ref={row}
      {...asRow(place + 2)}
      data-place={place}
      className={`${style.row} ${isFresh ? style.fresh : ""}`}
    >
      {columns.map((column) => (
        <span
          key={column.name}
          {...asCell}
          data-label={column.label}
          className={column.kind && style[column.kind]}
        >
          {column.cell(item)}
        </span>
      ))}
    </div>
  );
});

/** Up, down, home and end go from row to row, also to rows that are not drawn yet. */
function useArrows(count: number) {
  const table = useRef<HTMLDivElement>(null);
  const [shown, setShown] = useState<number>();
  const onShown = useCallback((row: HTMLElement) => {
    row.querySelector("a")?.focus();
    setShown(undefined);
  }, []);
  const onKeyDown = (event: KeyboardEvent) => {
    const row = (event.target as HTMLElement).closest<HTMLElement>("[data-place]");
    const at = row ? Number(row.dataset.place) : shown;
    if (at === undefined || event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return;
    const to = placeAfter(event.key, at, count);
    if (to === undefined) return;
    event.preventDefault();
    const link = table.current?.querySelector<HTMLElement>(`[data-place="${to}"] a`);
    if (link) {
      link.focus();
      return;
    }
    // The row that had the focus goes; keys that come before the other is drawn are heard here.
    table.current?.focus({ preventScroll: true });
    setShown(to);
  };
  return { table, shown, onShown, onKeyDown };
}

/** The row that a key leads to. */
function placeAfter(key: string, place: number, count: number): number | undefined {
  if (key === "ArrowDown") return Math.min(place + 1, count - 1);
  if (key === "ArrowUp") return Math.max(place - 1, 0);
  if (key === "Home") return 0;
  if (key === "End") return count - 1;
  return undefined;
}
