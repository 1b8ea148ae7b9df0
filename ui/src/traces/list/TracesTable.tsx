import { Table } from "../../ui/Table";
import { OF_ALL, OF_ONE } from "./columns";
import style from "./columns.module.css";
import { type Item, keyOf } from "./pages";

interface TracesTableProps {
  items: readonly Item[];
  /** Projects are told apart. */
  withProject: boolean;
  fresh: ReadonlySet<string>;
  more: boolean;
  onEnd: () => void;
  stale: boolean;
}

export function TracesTable({ withProject, ...rest }: TracesTableProps) {
  return (
    <Table
      label="Traces"
      keyOf={keyOf}
      columns={withProject ? OF_ALL : OF_ONE}
      className={withProject ? style.all : style.one}
      {...rest}
    />
  );
}
