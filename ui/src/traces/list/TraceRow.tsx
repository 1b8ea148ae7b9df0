import { Link } from "@tanstack/react-router";
import { memo } from "react";
import type { Column } from "./columns";
import type { Item } from "./pages";
import { asCell, asRow } from "./roles";
import style from "./table.module.css";

interface TraceRowProps {
  item: Item;
  place: number;
  columns: readonly Column[];
  /** It came a moment ago. */
  isFresh: boolean;
}

/** The whole row is pressed as its link is, which stands over it. */
export const TraceRow = memo(function TraceRow({ item, place, columns, isFresh }: TraceRowProps) {
  return (
    <div {...asRow(place + 2)} data-place={place} className={`${style.row} ${isFresh ? style.fresh : ""}`}>
      {columns.map((column) => (
        <span key={column.name} {...asCell} data-label={column.label} className={style[column.name]}>
          {column.name === "name" ? (
            <>
              <Link
                to="/traces/$traceId"
                params={{ traceId: item.id }}
                search={{ project: item.project }}
                className={`${style.link} foreign`}
              >
                {item.name || "Without a name"}
              </Link>
              <span className={`${style.below} foreign`} aria-hidden="true">
                {[columns.some(({ name }) => name === "project") ? item.project : null, item.model]
                  .filter(Boolean)
                  .join(" · ")}
              </span>
            </>
          ) : (
            column.cell(item)
          )}
        </span>
      ))}
    </div>
  );
});
