/** The numbers of a chart, for those who would rather read them. */

import { useId, useState } from "react";
import type { Series } from "./marks";
import style from "./TimeChart.module.css";

interface Numbers {
  start: number;
  /** What they are of: "on 3 November". */
  when: string;
  values: readonly (number | null)[];
}

interface NumbersTableProps {
  title: string;
  /** What the numbers are of. */
  first?: string;
  marks: readonly Numbers[];
  series: readonly Series[];
  format: (value: number | null) => string;
}

export function NumbersTable({ title, first = "Time", marks, series, format }: NumbersTableProps) {
  const [open, setOpen] = useState(false);
  const table = useId();
  return (
    <div className={style.numbers}>
      <button type="button" aria-expanded={open} aria-controls={table} onClick={() => setOpen(!open)}>
        <span aria-hidden="true">{open ? "▾" : "▸"}</span> Show as a table
      </button>
      {open ? (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by keyboard
        <section id={table} className={style.scroller} aria-label={`${title}: table`} tabIndex={0}>
          <table>
            <caption className="unseen">{title}</caption>
            <thead>
              <tr>
                <th scope="col">{first}</th>
                {series.map(({ name }) => (
                  <th key={name} scope="col">
                    {name}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {marks.map((mark) => (
                <tr key={mark.start}>
                  <th scope="row">{capital(mark.when)}</th>
                  {series.map(({ name }, place) => (
                    <td key={name}>{format(mark.values[place] ?? null)}</td>
                  ))}
                </tr>
              ))}
            </tbody>
          </table>
        </section>
      ) : null}
    </div>
  );
}

/** Without the preposition: "on 3 November" is "3 November". */
function capital(when: string): string {
  const words = when.replace(/^(on|at|in) (the )?/, "");
  return words.charAt(0).toUpperCase() + words.slice(1);
}
