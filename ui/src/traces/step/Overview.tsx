/** A trace beside its tree while no step is open: its generations, and what people say of it. */

import { useMemo, useState } from "react";
import { Annotations } from "../../annotating/Annotations";
import type { Schema } from "../../api/client";
import { Button } from "../../ui/controls";
import { formatCount } from "../../ui/format";
import type { Span } from "../tree/spans";
import { isGeneration } from "../tree/words";
import { GenerationCard } from "./GenerationCard";
import style from "./Step.module.css";

interface OverviewProps {
  trace: Schema["TraceItem"];
  spans: readonly Span[];
  onSelect: (span: Span) => void;
}

const SHOWN = 20;
/** So few are opened at once. */
const FEW = 2;

export function Overview({ trace, spans, onSelect }: OverviewProps) {
  const [shown, setShown] = useState(SHOWN);
  const generations = useMemo(() => spans.filter(isGeneration), [spans]);
  return (
    <div className={style.overview}>
      <section aria-label="Generations of this trace" className={style.step}>
        <h2>
          {generations.length === 1 ? "Generation" : `Generations (${formatCount(generations.length)})`}
        </h2>
        {generations.length ? null : (
          <p className={style.none}>
            No step of this trace is a model’s answer, so there is nothing to trace.
          </p>
        )}
        <ul className={style.events}>
          {generations.slice(0, shown).map((span) => (
            <li key={span.id}>
              <GenerationCard
                span={span}
                project={trace.project}
                isOpenFirst={generations.length <= FEW}
                onSelect={onSelect}
              />
            </li>
          ))}
        </ul>
        {generations.length > shown ? (
          <Button onClick={() => setShown(shown + SHOWN)}>
            Show more: {formatCount(shown)} of {formatCount(generations.length)} shown
          </Button>
        ) : null}
      </section>
      <div className={style.step}>
        <h2>Scores and notes</h2>
        <Annotations trace={trace.id} project={trace.project} />
      </div>
    </div>
  );
}
