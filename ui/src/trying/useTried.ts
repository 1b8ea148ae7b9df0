/** What is tried: the text of the address, of the sample that it names, or one that is too long for an address. */

import { useQuery, useQueryClient } from "@tanstack/react-query";
import { getRouteApi, useLocation, useRouter } from "@tanstack/react-router";
import { useCallback, useMemo, useState } from "react";
import { type Sample, useService } from "../api/service";
import { LONGEST_LINK, pack, type Shared, type Tried, unpack } from "./link";
import type { TryingSearch } from "./search";

const PATH = "/try";
const route = getRouteApi(PATH);

export interface Trying {
  /** Null: nothing yet. */
  tried: Shared | null;
  /** The sample that the text is of. */
  sample: Sample | undefined;
  isReading: boolean;
  /** Why the address holds no text that can be read. */
  damage: Error | null;
  /** Characters that its link would have, where these are too many. */
  tooLong: number | null;
  start: (text: Tried | null, sample?: string) => Promise<void>;
  /** Has the link say by which versions of the indexes the result was found. */
  note: (versions: Record<string, string>) => Promise<void>;
}

export function useTried(): Trying {
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const router = useRouter();
  const queries = useQueryClient();
  const hash = useLocation({ select: (location) => location.hash });
  const [unlinked, setUnlinked] = useState<{ shared: Shared; length: number } | null>(null);
  const samples = useService().data?.samples;
  const link = useQuery({
    ...readingOf(hash),
    queryFn: () => unpack(hash),
    enabled: hash !== "",
  });

  const write = useCallback(
    async (shared: Shared, change: Partial<TryingSearch>, replace: boolean) => {
      const at = location.href;
      const packed = await pack(shared);
      // Whoever went on meanwhile is not called back, even while the next page is still on its way.
      if (replace && (location.href !== at || router.state.location.pathname !== PATH)) return;
      const isLinked = packed.length <= LONGEST_LINK;
      if (isLinked) queries.setQueryData(readingOf(packed).queryKey, shared);
      setUnlinked(isLinked ? null : { shared, length: packed.length });
      await navigate({
        to: ".",
        search: (before: TryingSearch) => ({ ...before, ...change }),
        hash: isLinked ? packed : "",
        replace,
        resetScroll: false,
        hashScrollIntoView: false,
      });
    },
    [navigate, queries, router],
  );
  const start = useCallback(
    async (text: Tried | null, sample?: string) => {
      const change = { sample, span: undefined };
      if (text) return write({ ...text, versions: null }, change, false);
      setUnlinked(null);
      return navigate({ to: ".", search: (before: TryingSearch) => ({ ...before, ...change }), hash: "" });
    },
    [navigate, write],
  );

  const named = samples?.find((each) => each.name === search.sample);
  const ofSample = useMemo(() => (named ? sharedOf(named) : null), [named]);
  const tried = hash ? (link.data ?? null) : (unlinked?.shared ?? ofSample);
  const note = useCallback(
    async (versions: Record<string, string>) => {
      if (tried && !tried.versions) await write({ ...tried, versions }, {}, true);
    },
    [tried, write],
  );
  return {
    tried,
    sample: tried && named?.text === tried.text ? named : undefined,
    isReading: hash !== "" && link.isPending,
    damage: hash ? link.error : null,
    tooLong: hash ? null : (unlinked?.length ?? null),
    start,
    note,
  };
}

function readingOf(hash: string) {
  return { queryKey: ["shared", hash], staleTime: Number.POSITIVE_INFINITY, retry: false };
}

function sharedOf({ text, prompt }: Sample): Shared {
  return { text, prompt, versions: null };
}
