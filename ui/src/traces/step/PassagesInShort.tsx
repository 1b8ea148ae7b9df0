import { Link } from "@tanstack/react-router";
import type { Schema } from "../../api/client";
import { countWords } from "../../generation/rarity";
import { shorten } from "../../ui/format";
import style from "./Step.module.css";

interface PassagesInShortProps {
  generation: Schema["GenerationProvenance"];
  project: string;
}

const SHOWN = 3;
const LONGEST = 180;

/** The longest passages of an output, each a way to read it there. */
export function PassagesInShort({ generation, project }: PassagesInShortProps) {
  const passages = generation.parts
    .flatMap((part, at) => (part.provenance?.spans ?? []).map((span, place) => ({ part: at, place, span })))
    .sort((a, b) => b.span.end - b.span.start - (a.span.end - a.span.start))
    .slice(0, SHOWN);
  if (!passages.length) return null;
  return (
    <ul className={style.passages} aria-label="Longest passages">
      {passages.map(({ part, place, span }) => (
        <li key={`${part} ${place}`}>
          <Link
            to="/generations/$generationId"
            params={{ generationId: generation.id }}
            search={{ project, part: part || undefined, span: place }}
            className={`foreign ${style.passage}`}
            data-strength={span.relevance}
          >
            {shorten(span.text, LONGEST)}
          </Link>{" "}
          <span className={style.soft}>{countWords(span)}</span>
        </li>
      ))}
    </ul>
  );
}
