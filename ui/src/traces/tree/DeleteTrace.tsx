/** Deletes a trace, after it was asked whether that is meant. */

import { AlertDialog } from "@base-ui/react/alert-dialog";
import { useNavigate } from "@tanstack/react-router";
import type { Schema } from "../../api/client";
import { failureOf } from "../../api/errors";
import { Button, buttonClass } from "../../ui/controls";
import { plural } from "../../ui/format";
import style from "./DeleteTrace.module.css";
import { useDeleteTrace } from "./queries";

export function DeleteTrace({ trace }: { trace: Schema["TraceItem"] }) {
  const remove = useDeleteTrace(trace);
  const navigate = useNavigate();
  return (
    <AlertDialog.Root onOpenChange={() => remove.reset()}>
      <AlertDialog.Trigger className={buttonClass()}>Delete…</AlertDialog.Trigger>
      <AlertDialog.Portal>
        <AlertDialog.Backdrop className={style.backdrop} />
        <AlertDialog.Popup className={style.dialog}>
          <AlertDialog.Title className={style.title}>Delete this trace?</AlertDialog.Title>
          <AlertDialog.Description className={style.words}>
            Its {plural(trace.spans, "span")}, files, scores, notes and provenance go with it. They cannot be
            brought back.
          </AlertDialog.Description>
          {remove.isError ? (
            <p role="alert" className={style.fault}>
              {failureOf(remove.error).title}: {failureOf(remove.error).detail}
            </p>
          ) : null}
          <div className={style.actions}>
            <AlertDialog.Close className={buttonClass()}>Keep it</AlertDialog.Close>
            <Button
              look="danger"
              disabled={remove.isPending}
              onClick={() =>
                remove.mutate(undefined, {
                  onSuccess: () => void navigate({ to: "/traces", search: { project: trace.project } }),
                })
              }
            >
              {remove.isPending ? "Deleting…" : "Delete"}
            </Button>
          </div>
        </AlertDialog.Popup>
      </AlertDialog.Portal>
    </AlertDialog.Root>
  );
}
