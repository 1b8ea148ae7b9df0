import { type KeyboardEvent, useEffect, useRef, useState } from "react";
import { Rows } from "../../ui/Rows";
import { COLUMNS } from "./columns";
import { type Item, keyOf } from "./pages";
import { asColumnHeader, asRow, asRowGroup, asTable } from "./roles";
import { TraceRow } from "./TraceRow";
import style from "./table.module.css";

const ROW_PX = 41;

interface TracesTableProps {
  items: readonly Item[];
  /** Projects are told apart. */
  withProject: boolean;
  fresh: ReadonlySet<string>;
  /** More can be read. */
  more: boolean;
  onEnd: () => void;
  /** What is shown belongs to the filters before. */
  stale: boolean;
}

/** A table by its roles: its rows are drawn only where they are seen. */
export function TracesTable({ items, withProject, fresh, more, onEnd, stale }: TracesTableProps) {
  const table = useRef<HTMLDivElement>(null);
  const [shown, setShown] = useState<number>();
  const wanted = useRef<number>(undefined);
  const columns = COLUMNS.filter((column) => withProject || column.name !== "project");

  const focus = (place: number) => {
    const link = table.current?.querySelector<HTMLElement>(`[data-place="${place}"] a`);
    link?.focus();
    return Boolean(link);
  };
  useEffect(() => {
    if (wanted.current !== undefined && focus(wanted.current)) {
      wanted.current = undefined;
      setShown(undefined);
    }
  });

  const onKeyDown = (event: KeyboardEvent) => {
    const row = (event.target as HTMLElement).closest<HTMLElement>("[data-place]");
    if (!row || event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return;
    const to = placeAfter(event.key, Number(row.dataset.place), items.length);
    if (to === undefined) return;
    event.preventDefault();
    if (focus(to)) return;
    wanted.current = to;
    setShown(to);
  };

  return (
    <div
      ref={table}
      {...asTable({
        label: "Traces",
        rows: more ? -1 : items.length,
        columns: columns.length,
        busy: stale,
        onKeyDown,
      })}
      className={`${style.table} ${withProject ? style.withProject : ""} ${stale ? style.stale : ""}`}
    >
      <div {...asRowGroup} className={style.head}>
        <div {...asRow(1)} className={style.row}>
          {columns.map((column) => (
            <span key={column.name} {...asColumnHeader} className={style[column.name]}>
              {column.label}
            </span>
          ))}
        </div>
      </div>
      <Rows
        role="rowgroup"
        label="Traces, by rows"
        items={items}
        keyOf={keyOf}
        estimate={ROW_PX}
        onEnd={onEnd}
        shown={shown}
      >
        {(item, place) => (
          <TraceRow item={item} place={place} columns={columns} isFresh={fresh.has(keyOf(item))} />
        )}
      </Rows>
    </div>
  );
}

/** The row that a key leads to. */
function placeAfter(key: string, place: number, count: number): number | undefined {
  if (key === "ArrowDown") return Math.min(place + 1, count - 1);
  if (key === "ArrowUp") return Math.max(place - 1, 0);
  if (key === "Home") return 0;
  if (key === "End") return count - 1;
  return undefined;
}
