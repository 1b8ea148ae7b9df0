/** Markdown as elements. How runs of characters are drawn is the caller's. */

import { createContext, type ReactNode, useContext } from "react";
import style from "./Blocks.module.css";
import type { Block, Inline, Item, Range, Run, Touches } from "./model";

export interface Drawing {
  runs: (runs: readonly Run[]) => ReactNode;
  touches: Touches;
}

export const DrawingContext = createContext<Drawing | null>(null);

/** All of them are one below the heading of the part of the page that the text stands in: levels may not be left out. */
const LEVEL = 3;

export function Blocks({ blocks }: { blocks: readonly Block[] }): ReactNode {
  return blocks.map((block) => <BlockView key={block.start} block={block} />);
}

function BlockView({ block }: { block: Block }): ReactNode {
  switch (block.kind) {
    case "paragraph":
      return (
        <p dir="auto" className={style.paragraph}>
          <Inlines inlines={block.children} />
        </p>
      );
    case "heading":
      return (
        // biome-ignore lint/a11y/useSemanticElements: how large it is says the text, which level it has the page
        <div role="heading" aria-level={LEVEL} dir="auto" className={style.heading} data-depth={block.depth}>
          <Inlines inlines={block.children} />
        </div>
      );
    case "quote":
      return (
        <blockquote dir="auto" className={style.quote}>
          <Blocks blocks={block.children} />
        </blockquote>
      );
    case "list":
      return <ListView block={block} />;
    case "code":
      return <CodeView block={block} />;
    case "table":
      return <TableView block={block} />;
    case "footnote":
      return (
        <div dir="auto" className={style.footnote}>
          <span className={style.soft}>
            <Runs runs={[block.label]} />
          </span>
          <Blocks blocks={block.children} />
        </div>
      );
    case "rule":
      return <hr className={style.rule} />;
    case "source":
      return <SourceView block={block} />;
  }
}

function ListView({ block }: { block: Block & { kind: "list" } }) {
  const className = `${style.list} ${block.isLoose ? style.loose : ""}`;
  const items = block.items.map((item) => <ItemView key={item.start} item={item} />);
  return block.first === null ? (
    <ul dir="auto" className={className}>
      {items}
    </ul>
  ) : (
    <ol dir="auto" start={block.first} className={className}>
      {items}
    </ol>
  );
}

function ItemView({ item }: { item: Item }) {
  return (
    <li dir="auto" className={item.task ? style.task : ""}>
      {item.task ? (
        <span className={style.box}>
          <Runs runs={[item.task.run]} />
        </span>
      ) : null}
      <Blocks blocks={item.children} />
    </li>
  );
}

function CodeView({ block }: { block: Block & { kind: "code" } }) {
  return (
    <div className={style.code} data-part={block.part}>
      {block.info ? (
        <div className={style.info}>
          <Runs runs={[block.info]} />
        </div>
      ) : null}
      <pre dir="ltr">
        <code>
          <Runs runs={block.runs} />
        </code>
      </pre>
    </div>
  );
}

function TableView({ block }: { block: Block & { kind: "table" } }) {
  const [head, ...rows] = block.rows;
  const align = (column: number) => ({ textAlign: block.alignments[column] ?? ("start" as const) });
  return (
    <table className={style.table}>
      <thead>
        <tr>
          {head?.map((cell, column) => (
            <th key={column} dir="auto" style={align(column)}>
              <Inlines inlines={cell} />
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {rows.map((cells, row) => (
          <tr key={row}>
            {cells.map((cell, column) => (
              <td key={column} dir="auto" style={align(column)}>
                <Inlines inlines={cell} />
              </td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function SourceView({ block }: { block: Block & { kind: "source" } }) {
  return (
    <div className={style.source}>
      {block.why === "long" ? (
        <p className={style.note}>Too long or too involved to be read as markdown: shown as it was sent.</p>
      ) : null}
      <div className={style.plaintext}>
        <Runs runs={block.runs} />
      </div>
    </div>
  );
}

function Inlines({ inlines }: { inlines: readonly Inline[] }): ReactNode {
  return inlines.map((inline, at) => <InlineView key={at} inline={inline} />);
}

function InlineView({ inline }: { inline: Inline }): ReactNode {
  switch (inline.kind) {
    case "text":
      return <Runs runs={inline.runs} />;
    case "code":
      return (
        <code className={style.inline}>
          <Runs runs={inline.runs} />
        </code>
      );
    case "html":
    case "image":
      return (
        <span className={style[inline.kind]}>
          <Runs runs={inline.runs} />
        </span>
      );
    case "footnote":
      return (
        <sup className={style.soft}>
          <Runs runs={inline.runs} />
        </sup>
      );
    case "strong":
      return (
        <strong>
          <Inlines inlines={inline.children} />
        </strong>
      );
    case "emphasis":
      return (
        <em>
          <Inlines inlines={inline.children} />
        </em>
      );
    case "deleted":
      return (
        <del>
          <Inlines inlines={inline.children} />
        </del>
      );
    case "link":
      return <LinkView link={inline} />;
  }
}

function LinkView({ link }: { link: Inline & { kind: "link" } }) {
  const drawing = useContext(DrawingContext);
  const { href, children, rest } = link;
  const address = rest && drawing?.touches(rest) ? rest : null;
  const range = rangeOf(children);
  const isMarked = range !== null && drawing?.touches(range) === true;
  const words = <Inlines inlines={children} />;
  const shownAddress = address ? (
    <span className={style.soft}>
      {" ("}
      <Runs runs={[address]} />
      {")"}
    </span>
  ) : null;
  if (href === null)
    return (
      <>
        <span className={style.unfollowed}>{words}</span>
        {shownAddress}
      </>
    );
  // Where a passage is over a link, a click selects it; the address has a link of its own.
  if (isMarked)
    return (
      <>
        <span className={style.link}>{words}</span>
        <a
          href={href}
          target="_blank"
          rel="noopener noreferrer"
          title={href}
          aria-label={`Open ${href}`}
          className={style.open}
        >
          ↗
        </a>
        {shownAddress}
      </>
    );
  return (
    <>
      <a href={href} target="_blank" rel="noopener noreferrer" title={href}>
        {words}
      </a>
      {shownAddress}
    </>
  );
}

function rangeOf(inlines: readonly Inline[]): Range | null {
  const [first, last] = [inlines[0], inlines.at(-1)];
  const start = first && ("runs" in first ? first.runs[0]?.start : rangeOf(first.children)?.start);
  const end = last && ("runs" in last ? last.runs.at(-1)?.end : rangeOf(last.children)?.end);
  return start === undefined || end === undefined ? null : { start, end };
}

function Runs({ runs }: { runs: readonly Run[] }): ReactNode {
  return useContext(DrawingContext)?.runs(runs);
}
