import { type FormEvent, useState } from "react";
import { useService } from "../api/service";
import { Button, TextField } from "../ui/controls";
import { Failed } from "../ui/states";
import style from "./ProjectSettings.module.css";
import { type Project, useKeepFor } from "./queries";
import { keptFor } from "./retention";

const LONGEST = 100_000;

interface RetentionProps {
  project: Project;
  isFixed: boolean;
}

export function Retention({ project, isFixed }: RetentionProps) {
  const usual = useService().data?.limits.retention_days;
  const [days, setDays] = useState(project.retention_days === null ? "" : String(project.retention_days));
  const keeping = useKeepFor(project.name);
  if (isFixed) return <p>{keptFor(project.retention_days, usual)}</p>;
  const send = (event: FormEvent) => {
    event.preventDefault();
    keeping.mutate(days === "" ? null : Number(days));
  };
  return (
    <form className={style.form} onSubmit={send}>
      <TextField
        label="Days after their arrival"
        type="number"
        min={1}
        max={LONGEST}
        step={1}
        value={days}
        hint={`Empty: ${keptFor(null, usual)}.`}
        onChange={(event) => setDays(event.target.value)}
      />
      <div className={style.row}>
        <Button type="submit" disabled={keeping.isPending}>
          Keep so long
        </Button>
        <span role="status">
          {keeping.isSuccess
            ? `Traces of this project are kept ${keptFor(keeping.data.retention_days, usual)}.`
            : null}
        </span>
      </div>
      {keeping.isError ? <Failed error={keeping.error} /> : null}
    </form>
  );
}
