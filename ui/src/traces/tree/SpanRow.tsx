/** A span in the tree. It hears no events itself: the tree does for all of its rows. */

import { memo } from "react";
import { Badge } from "../../ui/layout";
import type { TRACE_VIEWS } from "../search";
import { KindIcon } from "./KindIcon";
import style from "./SpanTree.module.css";
import type { Span } from "./spans";
import { TimeBar } from "./TimeBar";
import type { Stretch } from "./timeScale";
import { costOf, coverageOf, describe, durationOf, KIND_NAMES, nameOf, tokensOf } from "./words";

interface SpanRowProps {
  id: string;
  span: Span;
  place: number;
  top: number;
  height: number;
  view: (typeof TRACE_VIEWS)[number];
  stretch: Stretch;
  /** Which of its siblings it is, from 1. */
  position: number;
  count: number;
  isClosed: boolean;
  isActive: boolean;
  isSelected: boolean;
}

/** Deeper rows are not shifted further: their names would leave the tree. */
const DEEPEST_SHIFT = 20;

export const SpanRow = memo(function SpanRow(props: SpanRowProps) {
  const { span, view, isClosed } = props;
  const hasChildren = span.descendants > 0;
  return (
    <div
      role="treeitem"
      id={props.id}
      tabIndex={-1}
      data-place={props.place}
      data-active={props.isActive}
      aria-level={span.depth + 1}
      aria-posinset={props.position}
      aria-setsize={props.count}
      aria-expanded={hasChildren ? !isClosed : undefined}
      aria-selected={props.isSelected}
      className={style.row}
      style={{ transform: `translateY(${props.top}px)`, height: props.height }}
    >
      <span className="unseen">{describe(span)}</span>
      <span className={style.seen} aria-hidden="true">
        <span className={style.name}>
          <span className={style.shift} style={{ inlineSize: `${Math.min(span.depth, DEEPEST_SHIFT)}rem` }} />
          <span className={style.toggle} data-toggle={hasChildren ? "" : undefined}>
            {hasChildren ? (isClosed ? "▸" : "▾") : ""}
          </span>
          <KindIcon kind={span.kind} />
          <span className={`${style.words} foreign`}>{nameOf(span)}</span>
          <span className={style.kind}>{KIND_NAMES[span.kind]}</span>
          {span.status === "error" ? (
            <span className={style.badge}>
              <Badge tone="bad">error</Badge>
            </span>
          ) : null}
          {span.orphan ? (
            <span className={style.orphan}>
              <Badge tone="warn">parent missing</Badge>
            </span>
          ) : null}
          {isClosed && hasChildren ? <span className={style.hidden}>+{span.descendants}</span> : null}
        </span>
        {view === "tree" ? <Figures span={span} /> : <TimeBar span={span} stretch={props.stretch} />}
      </span>
    </div>
  );
});

function Figures({ span }: { span: Span }) {
  return (
    <>
      <span className={style.figure}>{durationOf(span)}</span>
      <span className={`${style.figure} ${style.tokens}`}>{tokensOf(span)}</span>
      <span className={`${style.figure} ${style.cost}`}>{costOf(span)}</span>
      <span className={style.figure}>
        {coverageOf(span)}
        {span.coverage === null ? null : (
          <span className={style.meter}>
            <span style={{ inlineSize: `${Math.min(1, Math.max(0, span.coverage)) * 100}%` }} />
          </span>
        )}
      </span>
    </>
  );
}
