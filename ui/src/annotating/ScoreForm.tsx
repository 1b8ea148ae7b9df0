/** A score or note, written or changed. */

import { type FormEvent, useId, useState } from "react";
import type { Schema } from "../api/client";
import { failureOf } from "../api/errors";
import { Button, TextArea, TextField } from "../ui/controls";
import style from "./Annotations.module.css";
import { readAnnotator, rememberAnnotator } from "./annotator";
import { type Draft, draftOf, emptyDraft, faultOf, inputOf, type Target } from "./drafts";
import { useSaveScore } from "./queries";

interface ScoreFormProps {
  target: Target;
  /** The one that is changed; none: a new one. */
  before?: Schema["ScoreItem"];
  /** Names that were given already. */
  names: readonly string[];
  onDone: () => void;
}

export function ScoreForm({ target, before, names, onDone }: ScoreFormProps) {
  const [draft, setDraft] = useState(() => (before ? draftOf(before) : emptyDraft(readAnnotator())));
  const [fault, setFault] = useState<string | null>(null);
  const save = useSaveScore(target.trace);
  const listId = useId();
  const change = (changed: Partial<Draft>) => {
    setDraft({ ...draft, ...changed });
    setFault(null);
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const found = faultOf(draft);
    setFault(found);
    if (found !== null) return;
    if (!before) rememberAnnotator(draft.annotator);
    save.mutate(inputOf(draft, target, before), { onSuccess: onDone });
  };
  return (
    <form
      className={style.form}
      onSubmit={submit}
      aria-label={before ? "Change this" : "Add a score or note"}
    >
      <div className={style.fields}>
        <TextField
          label="Name"
          placeholder="note"
          list={listId}
          autoComplete="off"
          value={draft.name}
          onChange={(event) => change({ name: event.target.value })}
        />
        <datalist id={listId}>
          {names.map((name) => (
            <option key={name} value={name} />
          ))}
        </datalist>
        <TextField
          label="Score"
          placeholder="a number"
          inputMode="decimal"
          value={draft.value}
          onChange={(event) => change({ value: event.target.value })}
        />
        <TextField
          label="Category"
          placeholder="a word"
          value={draft.text}
          onChange={(event) => change({ text: event.target.value })}
        />
        <TextField
          label="By"
          placeholder="your name"
          value={draft.annotator}
          onChange={(event) => change({ annotator: event.target.value })}
        />
      </div>
      <TextArea
        label="Note"
        rows={3}
        value={draft.comment}
        onChange={(event) => change({ comment: event.target.value })}
      />
      {fault === null && !save.isError ? null : (
        <p role="alert" className={style.fault}>
          {fault ?? words(save.error)}
        </p>
      )}
      <div className={style.actions}>
        <Button type="submit" look="primary" disabled={save.isPending}>
          {save.isPending ? "Saving…" : "Save"}
        </Button>
        <Button onClick={onDone}>Cancel</Button>
      </div>
    </form>
  );
}

function words(error: unknown): string {
  const { title, detail } = failureOf(error);
  return `${title}: ${detail}`;
}
