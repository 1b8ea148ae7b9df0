/** Any text, traced when it is entered. */

import { useState } from "react";
import { Page } from "../ui/layout";
import { Loading } from "../ui/states";
import { DamagedLink } from "./DamagedLink";
import type { Tried } from "./link";
import { Result } from "./Result";
import { Samples } from "./Samples";
import { TryForm } from "./TryForm";
import { useTried } from "./useTried";

const NOTHING: Tried = { text: "", prompt: null };

export function TryPage() {
  const { tried, sample, isReading, damage, tooLong, start, note } = useTried();
  const [edited, setEdited] = useState<Tried | null>(null);
  const isResult = tried !== null && edited === null;
  const trace = (text: Tried, name?: string) => {
    void start(text, name).then(() => setEdited(null));
  };
  const begin = () => {
    setEdited(null);
    void start(null);
  };
  return (
    <Page
      title="Try it"
      lead={
        isResult
          ? undefined
          : "Paste what a model said and see which of its passages stand word for word in the indexes."
      }
    >
      {isReading ? <Loading what="the text of the link" /> : null}
      {damage && edited === null ? <DamagedLink reason={damage.message} onBegin={begin} /> : null}
      {isResult ? (
        <Result
          key={`${tried.prompt} ${tried.text}`}
          tried={tried}
          sample={sample}
          tooLong={tooLong}
          onFound={note}
          onEdit={() => setEdited(tried)}
          onBegin={begin}
        />
      ) : null}
      {isResult || isReading || (damage && edited === null) ? null : (
        <>
          <TryForm
            first={edited ?? NOTHING}
            onTrace={(text) => trace(text, isSame(text, edited) ? sample?.name : undefined)}
            onLeave={edited ? () => setEdited(null) : undefined}
          />
          <Samples onTry={(chosen) => trace({ text: chosen.text, prompt: chosen.prompt }, chosen.name)} />
        </>
      )}
    </Page>
  );
}

function isSame(one: Tried, other: Tried | null): boolean {
  return one.text === other?.text && one.prompt === other.prompt;
}
