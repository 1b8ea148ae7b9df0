/** A score or note that stands. */

import { useState } from "react";
import type { Schema } from "../api/client";
import { failureOf } from "../api/errors";
import { LongText } from "../messages/LongText";
import { Button } from "../ui/controls";
import { formatTime } from "../ui/format";
import { Badge } from "../ui/layout";
import style from "./Annotations.module.css";
import type { Target } from "./drafts";
import { useDeleteScore } from "./queries";
import { ScoreForm } from "./ScoreForm";

interface ScoreCardProps {
  score: Schema["ScoreItem"];
  target: Target;
  names: readonly string[];
}

export function ScoreCard({ score, target, names }: ScoreCardProps) {
  const [mode, setMode] = useState<"shown" | "changed" | "deleted">("shown");
  const remove = useDeleteScore(target.trace);
  if (mode === "changed") {
    return <ScoreForm target={target} before={score} names={names} onDone={() => setMode("shown")} />;
  }
  return (
    <article className={style.card} aria-label={score.name}>
      <p className={style.cardHead}>
        <span className={`foreign ${style.name}`}>{score.name}</span>
        {score.value === null ? null : <span className={style.value}>{String(score.value)}</span>}
        {score.text === null ? null : <Badge>{score.text}</Badge>}
        {target.span === undefined && score.span !== null ? (
          <span className={style.about}>
            on span <code className="foreign">{score.span}</code>
          </span>
        ) : null}
      </p>
      {score.comment === null ? null : <LongText text={score.comment} />}
      <p className={style.cardFoot}>
        <span className="foreign">
          {score.annotator ?? "by someone"}, <time dateTime={score.time}>{formatTime(score.time)}</time>
        </span>
        {mode === "deleted" ? (
          <span className={style.actions}>
            Delete it?
            <Button look="danger" disabled={remove.isPending} onClick={() => remove.mutate(score)}>
              Yes, delete
            </Button>
            <Button onClick={() => setMode("shown")}>Keep</Button>
          </span>
        ) : (
          <span className={style.actions}>
            <Button look="plain" aria-label={`Change ${score.name}`} onClick={() => setMode("changed")}>
              Change
            </Button>
            <Button look="plain" aria-label={`Delete ${score.name}`} onClick={() => setMode("deleted")}>
              Delete
            </Button>
          </span>
        )}
      </p>
      {remove.isError ? (
        <p role="alert" className={style.fault}>
          {failureOf(remove.error).title}: {failureOf(remove.error).detail}
        </p>
      ) : null}
    </article>
  );
}
