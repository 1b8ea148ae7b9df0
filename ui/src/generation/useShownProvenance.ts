/** The provenance that is shown of a part: the stored one, or a fresh trace where other options are asked for. */

import { useMemo } from "react";
import type { Schema } from "../api/client";
import { promptOf } from "./asked";
import { isChanged, PLAIN, type TraceBase, type TraceOptions } from "./options";
import { useFreshTrace, useTracingOf } from "./queries";
import type { TraceControls } from "./search";

interface Asked {
  generation: Schema["GenerationProvenance"] | undefined;
  part: Schema["PartModel"] | undefined;
  /** Not there while it loads: a fresh trace waits for the prompt in it. */
  span: Schema["SpanDetail"] | undefined;
  search: TraceControls;
}

export function useShownProvenance({ generation, part, span, search }: Asked) {
  const base = useBase(generation?.project, part);
  const prompt = useMemo(() => promptOf(span?.input_messages), [span?.input_messages]);
  const isFresh = isChanged(search);
  const fresh = useFreshTrace({ text: (span && part?.text) ?? null, prompt, controls: search, base });
  const provenance = (isFresh ? fresh.data : null) ?? part?.provenance ?? null;
  return { base, fresh, isFresh, provenance };
}

/** What the part was traced by, as far as is known: the project's options may be others by now. */
function useBase(project: string | undefined, part: Schema["PartModel"] | undefined): TraceBase {
  const tracing = useTracingOf(project).data?.effective;
  return useMemo(() => {
    const preset = part?.preset ?? tracing?.preset ?? PLAIN.preset;
    const options: TraceOptions = tracing?.preset === preset ? tracing.options : {};
    const indexes = part?.indexes ? Object.keys(part.indexes) : tracing?.indexes;
    return { preset, options, indexes };
  }, [tracing, part?.preset, part?.indexes]);
}
