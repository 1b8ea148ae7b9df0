/** What is asked of the service for a document. */

import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { answer, client, type Schema } from "../api/client";
import { type DocumentPassage, passagesOf } from "./passages";

/** Characters (code points) of a section, and what is read beyond it, so that it can be cut at a line. */
export const SECTION = 8_000;
export const BEYOND = 2_000;
const MOST_PLACES = 1_000;
const READ_FOR_PLACES = 20_000;
const QUOTING_PAGE = 20;

export interface DocumentName {
  index: string;
  id: string;
}

/** A section with a little of the next one. */
export function useSection({ index, id }: DocumentName, number: number) {
  return useQuery({
    queryKey: ["document", index, id, number],
    queryFn: ({ signal }) =>
      readPage({ index, id }, { start: number * SECTION, characters: SECTION + BEYOND }, signal),
    staleTime: Number.POSITIVE_INFINITY,
  });
}

function readPage(
  { index, id }: DocumentName,
  query: { start: number; characters: number; highlight?: string },
  signal: AbortSignal,
) {
  return answer(
    client.GET("/v1/indexes/{name}/documents/{document_id}", {
      params: { path: { name: index, document_id: id }, query },
      signal,
    }),
  );
}

export interface Places {
  passages: readonly DocumentPassage[];
  /** All of them; more than `passages` where there are too many to step through. */
  count: number;
}

/** Where a text stands in a document: page after page of those that hold it. */
export function usePlaces({ index, id }: DocumentName, highlight: string | undefined) {
  return useQuery({
    queryKey: ["document", index, id, "places", highlight],
    queryFn: async ({ signal }): Promise<Places> => {
      const passages: DocumentPassage[] = [];
      let start: number | null = 0;
      let count = 0;
      while (start !== null && passages.length < MOST_PLACES) {
        const page: Schema["DocumentPage"] = await readPage(
          { index, id },
          { start, characters: READ_FOR_PLACES, highlight: highlight ?? "" },
          signal,
        );
        const last = passages.at(-1)?.start ?? -1;
        for (const [first = 0, end = 0] of page.highlights) {
          if (first > last) passages.push({ start: first, end, span: null });
        }
        count = page.highlight_count;
        start = page.next_highlight;
      }
      return { passages, count };
    },
    enabled: Boolean(highlight),
    staleTime: Number.POSITIVE_INFINITY,
  });
}

/** The passages of a generation that stand in a document. */
export function useQuotedPassages(
  { index, id }: DocumentName,
  generation: string | undefined,
  part: number,
  project: string | undefined,
) {
  return useQuery({
    queryKey: ["generation", generation, project ?? null, "provenance"],
    queryFn: ({ signal }) =>
      answer(
        client.GET("/v1/generations/{generation_id}/provenance", {
          params: { path: { generation_id: generation ?? "" }, query: project ? { project } : {} },
          signal,
        }),
      ),
    enabled: Boolean(generation),
    select: (found): Places => {
      const passages = passagesOf(found.parts[part]?.provenance ?? null, index, id);
      return { passages, count: passages.length };
    },
  });
}

/** Generations that quote a document. */
export function useQuoting({ index, id }: DocumentName, project: string | undefined) {
  return useInfiniteQuery({
    queryKey: ["quoting", index, id, project ?? null],
    queryFn: ({ pageParam, signal }) =>
      answer(
        client.GET("/v1/generations", {
          params: {
            query: {
              document: id,
              index,
              limit: QUOTING_PAGE,
              ...(project ? { project } : {}),
              ...(pageParam ? { cursor: pageParam } : {}),
            },
          },
          signal,
        }),
      ),
    initialPageParam: "",
    getNextPageParam: (page) => page.next,
  });
}
