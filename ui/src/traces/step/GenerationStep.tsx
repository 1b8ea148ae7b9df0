/** A step that is a generation: its output with the passages that stand in the indexes, and where they stand. */

import { useCallback } from "react";
import type { Schema } from "../../api/client";
import { useGeneration } from "../../generation/queries";
import { Exchange } from "./InputOutput";
import { SourcedText } from "./SourcedText";
import { type ChosenPassage, Sources } from "./Sources";

interface GenerationStepProps {
  span: Schema["SpanDetail"];
  /** What the address names; it may not exist. */
  chosen: ChosenPassage | null;
  onChoose: (passage: ChosenPassage | null) => void;
  raw: boolean;
}

export function GenerationStep({ span, chosen: named, onChoose, raw }: GenerationStepProps) {
  const query = useGeneration(span.id, span.project);
  const parts = query.data?.parts;
  const chosen = named && parts?.[named.part]?.provenance?.spans[named.span] ? named : null;
  const renderText = useCallback(
    (_text: string, place: string) => {
      const at = parts?.findIndex((part) => part.place === place) ?? -1;
      const part = parts?.[at];
      if (!part?.provenance || part.text === null) return undefined;
      return (
        <SourcedText
          text={part.text}
          provenance={part.provenance}
          selected={chosen?.part === at ? chosen.span : null}
          onSelect={(passage) => onChoose(passage === null ? null : { part: at, span: passage })}
        />
      );
    },
    [parts, chosen, onChoose],
  );
  return (
    <>
      <Exchange span={span} raw={raw} renderText={renderText} />
      <Sources
        query={query}
        project={span.project}
        messages={span.output_messages}
        chosen={chosen}
        onChoose={onChoose}
      />
    </>
  );
}
