/** Two outputs side by side, or one output in two choices of indexes. */

import { getRouteApi } from "@tanstack/react-router";
import { useCallback } from "react";
import { useService } from "../api/service";
import { Controls } from "../generation/Controls";
import { Disclosure } from "../generation/Disclosure";
import { isChanged } from "../generation/options";
import type { ReadingSearch } from "../generation/search";
import { Button } from "../ui/controls";
import { Page } from "../ui/layout";
import style from "./ComparePage.module.css";
import { Differences } from "./Differences";
import { SidePanel } from "./SidePanel";
import { type ComparingSearch, changeOf, type Side } from "./search";
import { useSide } from "./useSide";

const route = getRouteApi("/compare");

export function ComparePage() {
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const presets = useService().data?.presets;
  const left = useSide("left", search);
  const right = useSide("right", search);
  const onSearch = useCallback(
    (change: Partial<ComparingSearch>) =>
      void navigate({
        to: ".",
        search: (before: ComparingSearch) => ({ ...before, ...change }),
        replace: true,
        resetScroll: false,
      }),
    [navigate],
  );
  const onSide = (side: Side) => (change: Partial<ReadingSearch & { part: number | undefined }>) =>
    onSearch(changeOf(side, change, Object.keys(change)));
  const isCompared = left.provenance !== null && right.provenance !== null;
  const { preset, min_characters, density, sentences } = search;
  const options = { preset, min_characters, density, sentences };
  return (
    <Page
      title="Compare"
      lead="Two outputs, or one output in two choices of indexes."
      actions={
        search.left && search.right ? (
          <Button onClick={() => onSearch(swapped(search))}>Swap the sides</Button>
        ) : null
      }
    >
      {left.provenance && right.provenance ? (
        <Differences
          left={left.provenance}
          right={right.provenance}
          onSelect={(passage) => onSearch({ left_span: passage.left, right_span: passage.right })}
        />
      ) : null}
      {left.generation && right.generation ? (
        <Disclosure label="Options of both sides" isOpenFirst={isChanged(options)}>
          <Controls value={options} onChange={onSide("left")} presets={presets} />
        </Disclosure>
      ) : null}
      <div className={style.sides}>
        <SidePanel
          state={left}
          other={search.right}
          isCompared={isCompared}
          search={search}
          onSearch={onSearch}
          onSide={onSide("left")}
        />
        <SidePanel
          state={right}
          other={search.left}
          isCompared={isCompared}
          search={search}
          onSearch={onSearch}
          onSide={onSide("right")}
        />
      </div>
    </Page>
  );
}

function swapped(search: ComparingSearch): Partial<ComparingSearch> {
  return {
    left: search.right,
    left_project: search.right_project,
    right_project: search.left_project,
    right: search.left,
    left_part: search.right_part,
    right_part: search.left_part,
    left_indexes: search.right_indexes,
    right_indexes: search.left_indexes,
    left_span: search.right_span,
    right_span: search.left_span,
  };
}
