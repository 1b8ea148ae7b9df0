/** Characters of a section with the passages over them. */

import { type CSSProperties, createContext, memo, type ReactNode, useContext, useMemo } from "react";
import type { Range, Run } from "../markdown/model";
import { visibleParts } from "./invisible";
import style from "./MarkedRuns.module.css";
import { type Cover, type Piece, type ShadedToken, strongest } from "./passages";
import { type ReadingState, useNamed } from "./readingState";
import { type Slice, slicesOf } from "./slices";

export interface SectionContent {
  text: string;
  pieces: readonly Piece[];
  state: ReadingState;
  describe: (place: number) => string;
  touches: (range: Range) => boolean;
}

export const SectionContext = createContext<SectionContent | null>(null);

/** Lanes below the text; passages in deeper ones share the last. */
export const MOST_LANES = 4;

export function MarkedRuns({ runs }: { runs: readonly Run[] }) {
  const content = useContext(SectionContext);
  const slices = useMemo(
    () => (content ? slicesOf(content.text, content.pieces, runs) : []),
    [content, runs],
  );
  if (!content) return null;
  return slices.map((slice) =>
    slice.covers.length === 0 ? (
      <Parts key={slice.start} slice={slice} />
    ) : (
      <MarkedSlice key={slice.start} slice={slice} state={content.state} describe={content.describe} />
    ),
  );
}

interface MarkedSliceProps {
  slice: Slice;
  state: ReadingState;
  describe: (place: number) => string;
}

const MarkedSlice = memo(function MarkedSlice({ slice, state, describe }: MarkedSliceProps) {
  const { covers, begin, end } = slice;
  const places = useMemo(() => covers.map(({ passage }) => passage.place), [covers]);
  const selected = useNamed(state, "selected", places);
  const active = useNamed(state, "active", begin);
  const located = useNamed(state, "located", places);
  const [own, ...others] = begin;
  const isSelectedEdge = (edges: readonly number[]) =>
    selected !== null && edges.includes(selected) ? style.own : "";
  const className = [
    style.passage,
    style[strongest(covers) ?? "none"],
    selected === null ? "" : style.selected,
    located === null ? "" : style.located,
  ].join(" ");
  const content = (
    <>
      {begin.length ? <span className={`${style.edge} ${isSelectedEdge(begin)}`} /> : null}
      <Parts slice={slice} />
      {end.length ? <span className={`${style.edge} ${style.last} ${isSelectedEdge(end)}`} /> : null}
    </>
  );
  const shown = {
    "data-passage": places.join(" "),
    className,
    style: { backgroundImage: lines(covers, selected) },
  };
  const layers = { ...shown, style: { ...shown.style, ...layerSizes(covers) } };
  if (own === undefined) return <span {...layers}>{content}</span>;
  return (
    <>
      {others.map((place) => (
        <Button
          key={place}
          place={place}
          isActive={active === place}
          isPressed={selected === place}
          name={describe(place)}
        />
      ))}
      {/* biome-ignore lint/a11y/useSemanticElements: a button's text does not wrap with the text around it */}
      <span
        {...layers}
        role="button"
        tabIndex={active === own ? 0 : -1}
        aria-pressed={selected === own}
        aria-label={describe(own)}
        data-first={own}
      >
        {content}
      </span>
    </>
  );
});

interface ButtonProps {
  place: number;
  isActive: boolean;
  isPressed: boolean;
  name: string;
}

/** Of a passage that begins where another one does, which has the text for its button. */
function Button({ place, isActive, isPressed, name }: ButtonProps) {
  return (
    // biome-ignore lint/a11y/useSemanticElements: a button does not stand within the line
    <span
      role="button"
      tabIndex={isActive ? 0 : -1}
      aria-pressed={isPressed}
      aria-label={name}
      data-first={place}
      data-passage={place}
      className={style.handle}
    />
  );
}

function Parts({ slice }: { slice: Slice }) {
  return slice.parts.map(({ text, token }, at) =>
    token ? <Token key={at} token={token} text={text} /> : <Visible key={at} text={text} />,
  );
}

const LEVELS = 8;

function Token({ token, text }: { token: ShadedToken; text: string }) {
  const level = Math.round(Math.min(1, Math.max(0, token.surprise)) * LEVELS);
  return (
    <span
      className={style.token}
      style={{ "--surprise": level / LEVELS } as CSSProperties}
      title={token.title}
    >
      <Visible text={text} />
    </span>
  );
}

function Visible({ text }: { text: string }): ReactNode {
  return visibleParts(text).map((part, at) =>
    part.name === null ? part.text : <Invisible key={at} text={part.text} name={part.name} />,
  );
}

/** A character that shows nothing: its name for the eye, itself for what is copied. */
function Invisible({ text, name }: { text: string; name: string }) {
  return (
    <span className={style.invisible} data-name={name}>
      <span className={style.itself}>{text}</span>
    </span>
  );
}

/** A line for each passage, at the height of its lane. */
function lines(covers: readonly Cover[], selected: number | null): string {
  return covers
    .map(({ passage }) => (passage.place === selected ? "--mark-selected-edge" : lineOf(passage.strength)))
    .map((name) => `linear-gradient(var(${name}), var(${name}))`)
    .join(", ");
}

function lineOf(strength: Cover["passage"]["strength"]): string {
  return `--line-${strength ?? "none"}`;
}

function layerSizes(covers: readonly Cover[]) {
  const heights = covers.map(({ lane }) => Math.min(lane, MOST_LANES - 1) * 3);
  return {
    backgroundSize: covers.map(() => "100% 2px").join(", "),
    backgroundPosition: heights.map((height) => `0 calc(100% - ${height}px)`).join(", "),
    backgroundRepeat: "no-repeat",
  };
}
