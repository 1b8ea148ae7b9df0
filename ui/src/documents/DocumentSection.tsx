/** A section of a document, its passages marked. */

import { memo, useMemo } from "react";
import { CodePoints } from "../text/codePoints";
import { pieces } from "../text/passages";
import { Failed } from "../ui/states";
import style from "./DocumentText.module.css";
import { cutSection, type DocumentPassage, type Section } from "./passages";
import { BEYOND, type DocumentName, SECTION, useSection } from "./queries";

interface DocumentSectionProps {
  name: DocumentName;
  number: number;
  isLast: boolean;
  passages: readonly DocumentPassage[];
  /** The one that is looked at. */
  current: DocumentPassage | null;
}

export const DocumentSection = memo(function DocumentSection(props: DocumentSectionProps) {
  const { name, number, isLast, passages, current } = props;
  const query = useSection(name, number);
  const section = useMemo(
    () =>
      query.data &&
      cutSection(query.data.text, { start: query.data.start, length: SECTION, beyond: BEYOND, isLast }),
    [query.data, isLast],
  );
  if (query.isError && !query.data)
    return <Failed error={query.error} onAgain={() => void query.refetch()} />;
  if (!section) return <div className={style.loading}>Loading…</div>;
  return <Marked section={section} passages={passages} current={current} />;
});

interface MarkedProps {
  section: Section;
  passages: readonly DocumentPassage[];
  current: DocumentPassage | null;
}

function Marked({ section, passages, current }: MarkedProps) {
  const cut = useMemo(() => {
    const points = new CodePoints(section.text);
    const end = section.start + points.length;
    const inside = passages
      .map((passage, place) => ({ passage, place }))
      .filter(({ passage }) => passage.end > section.start && passage.start < end)
      .map(({ passage, place }) => ({
        start: points.toUtf16(passage.start - section.start),
        end: points.toUtf16(passage.end - section.start),
        strength: null,
        place,
      }))
      .filter((range) => range.start < range.end);
    return pieces(section.text.length, inside);
  }, [section, passages]);
  return (
    <div className={`foreign ${style.section}`} dir="auto">
      {cut.map((piece) => {
        const shown = section.text.slice(piece.start, piece.end);
        if (!piece.covers.length) return shown;
        const over = piece.covers.map(({ passage }) => passages[passage.place]);
        const isCurrent = current !== null && over.includes(current);
        return (
          <mark
            key={piece.start}
            className={isCurrent ? style.current : style.passage}
            aria-current={isCurrent ? "location" : undefined}
          >
            {shown}
          </mark>
        );
      })}
    </div>
  );
}
