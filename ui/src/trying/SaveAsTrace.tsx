/** Stores what was tried as the generation of a trace: what is too long for a link can be shared so. */

import { Dialog } from "@base-ui/react/dialog";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { type FormEvent, useState } from "react";
import { useService } from "../api/service";
import { useProjectNames } from "../projects/queries";
import { Button, buttonClass, TextField } from "../ui/controls";
import { Modal } from "../ui/Modal";
import { Failed } from "../ui/states";
import type { Tried } from "./link";
import style from "./SaveAsTrace.module.css";
import { save } from "./saving";

const PROJECT = "tried";
const LONGEST_NAME = 200;

interface SaveAsTraceProps {
  tried: Tried;
  /** Who said it, where that is known. */
  model: string | null;
}

export function SaveAsTrace({ tried, model }: SaveAsTraceProps) {
  const [isOpen, setOpen] = useState(false);
  const caller = useService().data?.caller;
  if (caller?.role === "read") return null;
  return (
    <Modal
      title="Save as a trace"
      trigger="Save as a trace"
      isOpen={isOpen}
      onOpen={setOpen}
      lead="The text is stored as a model’s output and traced by the options of its project. Its page can be linked to and compared."
    >
      <SaveForm tried={tried} model={model} own={caller?.project ?? null} />
    </Modal>
  );
}

function SaveForm({ tried, model, own }: SaveAsTraceProps & { own: string | null }) {
  const search = useSearch({ strict: false });
  const navigate = useNavigate();
  const queries = useQueryClient();
  const names = useProjectNames();
  const [project, setProject] = useState(own ?? search.project ?? PROJECT);
  const [said, setSaid] = useState(model ?? "");
  const saving = useMutation({
    mutationFn: () => save({ ...tried, project: project.trim(), model: said.trim() || null }),
    onSuccess: async (generationId) => {
      void queries.invalidateQueries({ queryKey: ["projects"] });
      await navigate({
        to: "/generations/$generationId",
        params: { generationId },
        search: { project: project.trim() },
      });
    },
  });
  const send = (event: FormEvent) => {
    event.preventDefault();
    if (project.trim()) saving.mutate();
  };
  return (
    <form className={style.form} onSubmit={send}>
      <TextField
        label="Project"
        required
        maxLength={LONGEST_NAME}
        value={project}
        readOnly={own !== null}
        list="save-projects"
        hint={names.includes(project.trim()) ? undefined : "There is no such project yet; it is made."}
        onChange={(event) => setProject(event.target.value)}
      />
      <datalist id="save-projects">
        {names.map((name) => (
          <option key={name} value={name} />
        ))}
      </datalist>
      <TextField
        label="Model (if you know it)"
        maxLength={LONGEST_NAME}
        value={said}
        onChange={(event) => setSaid(event.target.value)}
      />
      {saving.isError ? <Failed error={saving.error} /> : null}
      <div className={style.foot}>
        <Dialog.Close className={buttonClass()}>Leave it</Dialog.Close>
        <Button type="submit" look="primary" disabled={saving.isPending || !project.trim()}>
          {saving.isPending ? "Saving…" : "Save"}
        </Button>
      </div>
    </form>
  );
}
