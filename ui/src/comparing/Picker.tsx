/** Which output stands on a side: pasted, the same as on the other side, or one of the last. */

import { useQuery } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import { useState } from "react";
import { answer, client } from "../api/client";
import { Button, TextField } from "../ui/controls";
import { formatShare, formatTime } from "../ui/format";
import { Loaded } from "../ui/states";
import { generationIdOf, projectOf } from "./address";
import style from "./Picker.module.css";

const route = getRouteApi("/compare");

interface PickerProps {
  /** The generation on the other side. */
  other: string | undefined;
  otherProject: string | undefined;
  /** None of its project is known: any that has the id. */
  onPick: (id: string, project?: string | undefined) => void;
}

const SHOWN = 30;

export function Picker({ other, otherProject, onPick }: PickerProps) {
  const [pasted, setPasted] = useState("");
  const id = generationIdOf(pasted);
  return (
    <div className={style.picker}>
      <form
        className={style.paste}
        onSubmit={(event) => {
          event.preventDefault();
          if (id) onPick(id, projectOf(pasted));
        }}
      >
        <TextField
          label="Id or address of a generation"
          value={pasted}
          onChange={(event) => setPasted(event.target.value)}
        />
        <Button look="primary" type="submit" disabled={!id}>
          Open
        </Button>
      </form>
      {other ? (
        <Button onClick={() => onPick(other, otherProject)}>The same output, to compare indexes</Button>
      ) : null}
      <Recent other={other} onPick={onPick} />
    </div>
  );
}

/** Traces of one generation: by their ids the generation is found. */
function Recent({ other, onPick }: Omit<PickerProps, "otherProject">) {
  const { project } = route.useSearch();
  const query = useQuery({
    queryKey: ["traces", "to compare", project ?? null],
    queryFn: ({ signal }) =>
      answer(
        client.GET("/v1/traces", {
          params: { query: { limit: SHOWN, provenance: "done", ...(project ? { project } : {}) } },
          signal,
        }),
      ),
  });
  return (
    <Loaded query={query} what="the last outputs">
      {(page) => {
        const single = page.items.filter((trace) => trace.generations === 1);
        const others = page.items.length - single.length;
        return (
          <>
            <h3 className={style.heading}>Last outputs{project ? " of the project" : ""}</h3>
            {single.length === 0 ? (
              <p className={style.soft}>
                None was traced yet. Send one, or paste the address of a generation above.
              </p>
            ) : (
              <ul className={style.list}>
                {single.map((trace) => (
                  <li key={trace.id}>
                    <button
                      type="button"
                      className={style.pick}
                      aria-current={trace.id === other ? "true" : undefined}
                      onClick={() => onPick(trace.id, trace.project)}
                    >
                      <span className={`foreign ${style.name}`}>{trace.name ?? trace.model ?? trace.id}</span>
                      <span className={style.coverage}>{formatShare(trace.coverage)}</span>
                      <span className={`foreign ${style.soft}`}>
                        {trace.model} · {formatTime(trace.start)}
                      </span>
                    </button>
                  </li>
                ))}
              </ul>
            )}
            {others > 0 ? (
              <p className={style.soft}>
                Traces of several generations are not listed: open one there and press “Compare”.
              </p>
            ) : null}
          </>
        );
      }}
    </Loaded>
  );
}
