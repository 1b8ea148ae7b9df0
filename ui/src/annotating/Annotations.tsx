/** Scores and notes on a trace or on one of its spans: those that stand, and a new one. */

import { useState } from "react";
import { Button } from "../ui/controls";
import { Failed, Loading } from "../ui/states";
import style from "./Annotations.module.css";
import type { Target } from "./drafts";
import { useScores } from "./queries";
import { ScoreCard } from "./ScoreCard";
import { ScoreForm } from "./ScoreForm";

/** Without a span: those on the trace and on all its spans; a new one is on the trace. */
export function Annotations({ trace, span, project }: Target) {
  const [isAdding, setAdding] = useState(false);
  const target = { trace, span, project };
  const scores = useScores(target);
  const items = scores.data?.pages.flatMap((page) => page.items) ?? [];
  const names = [...new Set(items.map((score) => score.name))];
  return (
    <section aria-label="Scores and notes" className={style.annotations}>
      {scores.data === undefined ? (
        scores.isError ? (
          <Failed error={scores.error} onAgain={() => void scores.refetch()} />
        ) : (
          <Loading what="scores and notes" />
        )
      ) : items.length ? (
        <ul className={style.list}>
          {items.map((score) => (
            <li key={score.id}>
              <ScoreCard score={score} target={target} names={names} />
            </li>
          ))}
        </ul>
      ) : isAdding ? null : (
        <p className={style.none}>No scores or notes yet.</p>
      )}
      {scores.hasNextPage ? (
        <Button disabled={scores.isFetchingNextPage} onClick={() => void scores.fetchNextPage()}>
          Show more
        </Button>
      ) : null}
      {isAdding ? (
        <ScoreForm target={target} names={names} onDone={() => setAdding(false)} />
      ) : (
        <Button className={style.add ?? ""} onClick={() => setAdding(true)}>
          Add a score or note
        </Button>
      )}
    </section>
  );
}
