/** An output of whose sources nothing is known. */

import { ReadingText } from "../text/ReadingText";
import { useRegionName } from "./naming";
import style from "./PlainText.module.css";
import type { ReadingSearch } from "./search";

interface PlainTextProps {
  text: string;
  view: ReadingSearch["view"];
}

const nothing = () => {};
const noWords = () => "";

export function PlainText({ text, view }: PlainTextProps) {
  const regionName = useRegionName();
  return (
    <section aria-label={regionName("Output")} className={style.output}>
      <h2>Output</h2>
      <ReadingText
        text={text}
        passages={[]}
        view={view ?? "chat"}
        selected={null}
        onSelect={nothing}
        describe={noWords}
        preview={noWords}
        label={regionName("Output without passages")}
      />
    </section>
  );
}
