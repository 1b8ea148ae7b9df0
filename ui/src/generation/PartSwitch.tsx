/** The texts of an output that holds several: choices, reasoning, arguments of calls. */

import type { Schema } from "../api/client";
import { Button } from "../ui/controls";
import { formatShare } from "../ui/format";
import style from "./PartSwitch.module.css";
import { nameOfPart } from "./parts";

interface PartSwitchProps {
  parts: readonly Schema["PartModel"][];
  messages: readonly Schema["MessageOfSpan"][] | null | undefined;
  shown: number;
  onShow: (place: number) => void;
}

export function PartSwitch({ parts, messages, shown, onShow }: PartSwitchProps) {
  if (parts.length < 2) return null;
  return (
    <nav aria-label="Parts of the output" className={style.parts}>
      {parts.map((part, place) => (
        <Button key={part.place} aria-pressed={place === shown} onClick={() => onShow(place)}>
          <span className={`foreign ${style.name}`}>{nameOfPart(part, messages)}</span>
          <span className={style.state}>{stateOf(part)}</span>
        </Button>
      ))}
    </nav>
  );
}

function stateOf(part: Schema["PartModel"]): string {
  return part.state === "done" ? formatShare(part.provenance?.coverage) : part.state;
}
