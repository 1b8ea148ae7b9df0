import { useNavigate, useSearch } from "@tanstack/react-router";
import { type FormEvent, useState } from "react";
import { Button, TextField } from "../ui/controls";
import { Failed } from "../ui/states";
import style from "./ProjectSettings.module.css";
import { useDelete } from "./queries";

interface DeleteProjectProps {
  name: string;
  onDeleted: () => void;
}

/** Deletes only what was named: it cannot be had back. */
export function DeleteProject({ name, onDeleted }: DeleteProjectProps) {
  const { project } = useSearch({ strict: false });
  const navigate = useNavigate();
  const [typed, setTyped] = useState("");
  const deleting = useDelete(name);
  const send = (event: FormEvent) => {
    event.preventDefault();
    if (typed !== name) return;
    deleting.mutate(undefined, {
      onSuccess: async () => {
        onDeleted();
        // The project that is looked at stands in every address.
        if (project === name) await navigate({ to: "/projects", search: { project: undefined } });
      },
    });
  };
  return (
    <form className={style.form} onSubmit={send}>
      <p>
        All its traces are deleted, with their provenance, scores and the requests that they came in. They
        cannot be had back.
      </p>
      <TextField
        label="Name of the project, to confirm"
        autoComplete="off"
        spellCheck={false}
        value={typed}
        onChange={(event) => setTyped(event.target.value)}
      />
      <Button type="submit" look="danger" disabled={typed !== name || deleting.isPending}>
        {deleting.isPending ? "Deleting…" : "Delete the project"}
      </Button>
      {deleting.isPending ? (
        <p role="status" className={style.soft}>
          A large project takes a while.
        </p>
      ) : null}
      {deleting.isError ? <Failed error={deleting.error} /> : null}
    </form>
  );
}
