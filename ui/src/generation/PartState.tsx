/** Why a part's provenance is not there yet, or not new. */

import type { Schema } from "../api/client";
import { Button } from "../ui/controls";
import { plural } from "../ui/format";
import { Failed, Note } from "../ui/states";
import style from "./PartState.module.css";
import { useRetrace } from "./queries";

interface PartStateProps {
  generation: Schema["GenerationProvenance"];
  part: Schema["PartModel"];
}

export function PartState({ generation, part }: PartStateProps) {
  const known = part.provenance ? " What is shown was found before." : "";
  switch (part.state) {
    case "pending":
      return (
        <div role="status" className={style.pending}>
          <span className={style.pulse} aria-hidden="true" />
          <span>
            This output is being traced{attempts(part)}. {part.reason ?? generation.reason ?? ""}
            {known} This page goes on by itself.
          </span>
        </div>
      );
    case "failed":
      return <FailedPart generation={generation} part={part} known={known} />;
    case "nothing":
      return <Note>Nothing to trace: {part.reason ?? "this part holds no text that was generated."}</Note>;
    case "done":
      return part.reason ? (
        <Note>
          The last attempt to trace it again failed: {part.reason}
          {known}
        </Note>
      ) : null;
  }
}

function FailedPart({ generation, part, known }: PartStateProps & { known: string }) {
  const retrace = useRetrace(generation.id, generation.project);
  return (
    <>
      <div role="alert" className={style.failed}>
        <div className="foreign">
          <strong>Tracing failed</strong>
          {part.attempts > 1 ? ` after ${plural(part.attempts, "attempt")}` : ""}:{" "}
          {part.reason ?? generation.reason ?? "no reason was given."}
          {known}
        </div>
        <Button disabled={retrace.isPending} onClick={() => retrace.mutate()}>
          Trace again
        </Button>
      </div>
      {retrace.isError ? <Failed error={retrace.error} onAgain={() => retrace.mutate()} /> : null}
    </>
  );
}

function attempts(part: Schema["PartModel"]): string {
  return part.attempts > 1 ? ` (attempt ${part.attempts})` : "";
}
