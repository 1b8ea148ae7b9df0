/** A text as it is, cut where it is long until all of it is asked for. */

import { useMemo, useState } from "react";
import { Button } from "../ui/controls";
import { formatCount } from "../ui/format";
import style from "./LongText.module.css";
import { blocksOf, cutAt } from "./longTexts";

interface LongTextProps {
  text: string;
  /** Of code, data or logs. */
  mono?: boolean;
}

export function LongText({ text, mono = false }: LongTextProps) {
  const [isWhole, setWhole] = useState(false);
  const cut = useMemo(() => cutAt(text), [text]);
  const isCut = !isWhole && cut < text.length;
  const blocks = useMemo(() => blocksOf(isCut ? text.slice(0, cut) : text), [text, isCut, cut]);
  return (
    <div className={`foreign ${style.text} ${mono ? style.mono : ""}`} dir="auto">
      {blocks.map((block, place) => (
        <div key={place} className={blocks.length > 1 ? style.block : undefined}>
          {block}
        </div>
      ))}
      {isCut ? (
        <Button look="plain" className={style.more ?? ""} onClick={() => setWhole(true)}>
          Show all {formatCount(text.length)} characters
        </Button>
      ) : null}
    </div>
  );
}
