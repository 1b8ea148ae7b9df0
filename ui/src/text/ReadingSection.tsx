/** A section of a text: its source until it is near the window, then as it is meant to be read. */

import { memo, useCallback, useMemo } from "react";
import { Blocks, DrawingContext } from "../markdown/Blocks";
import type { Range, Run } from "../markdown/model";
import { MarkedRuns, SectionContext } from "./MarkedRuns";
import type { Marking } from "./marking";
import style from "./ReadingText.module.css";
import { type DrawnSections, type ReadingState, useIsDrawn } from "./readingState";

interface ReadingSectionProps {
  section: number;
  text: string;
  marking: Marking;
  state: ReadingState;
  drawn: DrawnSections;
  describe: (place: number) => string;
}

const drawRuns = (runs: readonly Run[]) => <MarkedRuns runs={runs} />;

export const ReadingSection = memo(function ReadingSection(props: ReadingSectionProps) {
  const { section, marking, drawn } = props;
  const isDrawn = useIsDrawn(drawn, section);
  const source = marking.sourceOf(section);
  const height = useMemo(() => `auto ${estimatedHeight(source)}px`, [source]);
  return (
    <div data-section={section} className={style.section} style={{ containIntrinsicBlockSize: height }}>
      {isDrawn ? <DrawnSection {...props} /> : <div className={style.raw}>{source}</div>}
    </div>
  );
});

function DrawnSection({ section, text, marking, state, describe }: ReadingSectionProps) {
  const { blocks, pieces, runs } = marking.draw(section);
  const touches = useCallback((range: Range) => marking.touches(section, range), [marking, section]);
  const content = useMemo(
    () => ({ text, pieces, state, describe, touches }),
    [text, pieces, state, describe, touches],
  );
  const drawing = useMemo(() => ({ runs: drawRuns, touches }), [touches]);
  return (
    <SectionContext value={content}>
      {blocks ? (
        <DrawingContext value={drawing}>
          <Blocks blocks={blocks} />
        </DrawingContext>
      ) : (
        <div className={style.raw}>
          <MarkedRuns runs={runs} />
        </div>
      )}
    </SectionContext>
  );
}

const LINE_PX = 30;
const CHARACTERS_A_LINE = 80;

function estimatedHeight(source: string): number {
  let lines = 0;
  for (const line of source.split("\n")) lines += Math.max(1, Math.ceil(line.length / CHARACTERS_A_LINE));
  return lines * LINE_PX;
}
