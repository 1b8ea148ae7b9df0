/** Texts to begin with: outputs of models, and what people wrote, for comparison. */

import { type Sample, useService } from "../api/service";
import { shorten } from "../ui/format";
import { Badge } from "../ui/layout";
import style from "./Samples.module.css";

const SHOWN = 180;

export function Samples({ onTry }: { onTry: (sample: Sample) => void }) {
  const samples = useService().data?.samples ?? [];
  const controls = samples.filter((sample) => sample.is_control);
  const outputs = samples.filter((sample) => !sample.is_control);
  return (
    <>
      {outputs.length ? (
        <Group title="Or begin with an output of a model" samples={outputs} onTry={onTry} />
      ) : null}
      {controls.length ? (
        <Group
          title="Or with what people wrote"
          lead="No model produced these texts: what is found in them shows what chance and common phrases give."
          samples={controls}
          onTry={onTry}
        />
      ) : null}
    </>
  );
}

interface GroupProps {
  title: string;
  lead?: string;
  samples: readonly Sample[];
  onTry: (sample: Sample) => void;
}

function Group({ title, lead, samples, onTry }: GroupProps) {
  return (
    <section aria-label={title} className={style.group}>
      <h2>{title}</h2>
      {lead ? <p className={style.lead}>{lead}</p> : null}
      <ul className={style.samples}>
        {samples.map((sample) => (
          <li key={sample.name}>
            <Card sample={sample} onTry={() => onTry(sample)} />
          </li>
        ))}
      </ul>
    </section>
  );
}

function Card({ sample, onTry }: { sample: Sample; onTry: () => void }) {
  return (
    <button type="button" className={style.card} onClick={onTry}>
      <span className="unseen">Try the sample </span>
      <span className={style.head}>
        <span className={`foreign ${style.name}`}>{sample.name}</span>
        {sample.is_control ? (
          <Badge tone="warn">control, no model</Badge>
        ) : sample.model ? (
          <Badge>{sample.model}</Badge>
        ) : null}
      </span>
      {sample.prompt ? (
        <span className={`foreign ${style.prompt}`}>{shorten(sample.prompt, SHOWN)}</span>
      ) : null}
      <span className={`foreign ${style.text}`}>{shorten(sample.text, SHOWN)}</span>
      {sample.note ? <span className={`foreign ${style.note}`}>{sample.note}</span> : null}
    </button>
  );
}
