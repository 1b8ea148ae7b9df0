import { useCallback, useEffect, useMemo, useRef } from "react";
import type { Schema } from "../../api/client";
import { Preview } from "../../generation/Preview";
import { describeSpan } from "../../generation/rarity";
import { CodePoints } from "../../text/codePoints";
import type { Passage } from "../../text/passages";
import { ReadingText, type ReadingTextHandle } from "../../text/ReadingText";

interface SourcedTextProps {
  text: string;
  provenance: Schema["ProvenanceModel"];
  selected: number | null;
  onSelect: (span: number | null) => void;
}

/** A text of an output, its passages marked by how relevant their documents are. */
export function SourcedText({ text, provenance, selected, onSelect }: SourcedTextProps) {
  const handle = useRef<ReadingTextHandle>(null);
  const passages = useMemo(() => passagesOf(provenance.spans, text), [provenance.spans, text]);
  const describe = useCallback(
    (place: number) => {
      const span = provenance.spans[place];
      return span ? describeSpan(span) : "";
    },
    [provenance.spans],
  );
  const preview = useCallback(
    (place: number) => <Preview provenance={provenance} place={place} />,
    [provenance],
  );
  // Where it was chosen from a document, it may stand out of sight.
  useEffect(() => {
    if (selected !== null) handle.current?.scrollToPassage(selected);
  }, [selected]);
  return (
    <ReadingText
      ref={handle}
      text={text}
      passages={passages}
      view="chat"
      selected={selected}
      onSelect={onSelect}
      describe={describe}
      preview={preview}
      label="Output with its passages"
    />
  );
}

function passagesOf(spans: readonly Schema["SpanModel"][], text: string): Passage[] {
  const points = new CodePoints(text);
  return spans.map((span, place) => ({
    start: points.toUtf16(span.start),
    end: points.toUtf16(span.end),
    strength: span.relevance,
    place,
  }));
}
