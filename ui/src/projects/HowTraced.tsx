import { useState } from "react";
import type { Schema } from "../api/client";
import { useService } from "../api/service";
import { Controls } from "../generation/Controls";
import { useIndexNames } from "../generation/queries";
import type { TraceControls } from "../generation/search";
import { Button } from "../ui/controls";
import { formatCount, formatShare, plural } from "../ui/format";
import { Fact, Facts } from "../ui/layout";
import { Failed, Loaded, Note } from "../ui/states";
import style from "./ProjectSettings.module.css";
import { useRetrace, useSetTracing, useTracing } from "./queries";
import { controlsOf, isOverruled, settingsOf } from "./tracing";

type Tracing = Schema["ProjectTracingModel"];

export function HowTraced({ name, isFixed }: { name: string; isFixed: boolean }) {
  const query = useTracing(name);
  return (
    <Loaded query={query} what="how it is traced">
      {(tracing) =>
        isFixed ? <Effective tracing={tracing} /> : <TracingForm name={name} tracing={tracing} />
      }
    </Loaded>
  );
}

function Effective({ tracing: { effective } }: { tracing: Tracing }) {
  const { min_characters, density, sentence_boundaries } = effective.options as Schema["OptionsModel"];
  return (
    <Facts>
      <Fact label="Indexes">{effective.indexes.length ? effective.indexes.join(", ") : "all"}</Fact>
      <Fact label="Preset">{effective.preset === "olmotrace" ? "As OLMoTrace" : "Default"}</Fact>
      <Fact label="Shortest passage">{formatCount(min_characters)} characters</Fact>
      <Fact label="Passages shown">
        {density === null ? "all" : `at most one for ${formatShare(density)} of the tokens`}
      </Fact>
      <Fact label="Stops at the ends of sentences">{sentence_boundaries ? "yes" : "no"}</Fact>
    </Facts>
  );
}

function TracingForm({ name, tracing }: { name: string; tracing: Tracing }) {
  const presets = useService().data?.presets;
  const indexes = useIndexNames().data;
  const setting = useSetTracing(name);
  const retracing = useRetrace(name);
  const [draft, setDraft] = useState<TraceControls | null>(null);
  const change = (asked: Partial<TraceControls>) => {
    setting.reset();
    retracing.reset();
    setDraft({ ...(draft ?? controlsOf(tracing.stored)), ...asked });
  };
  return (
    <div className={style.form}>
      {isOverruled(tracing) ? (
        <>
          <Note>
            The service’s own settings say how this project is traced, and go before what is stored here. What
            holds:
          </Note>
          <Effective tracing={tracing} />
        </>
      ) : null}
      <Controls
        value={draft ?? controlsOf(tracing.stored)}
        presets={presets}
        indexes={indexes}
        onChange={change}
      />
      <div className={style.row}>
        <Button
          disabled={draft === null || setting.isPending}
          onClick={() => {
            if (draft) setting.mutate(settingsOf(draft, tracing.stored), { onSuccess: () => setDraft(null) });
          }}
        >
          Trace so from now on
        </Button>
        <span role="status">
          {setting.isSuccess ? "Saved, for generations that come from now on." : null}
        </span>
      </div>
      {setting.isError ? <Failed error={setting.error} /> : null}
      <div className={style.row}>
        <Button disabled={retracing.isPending} onClick={() => retracing.mutate()}>
          Trace older generations again
        </Button>
        <span role="status">
          {retracing.isSuccess
            ? retracing.data.parts
              ? `${plural(retracing.data.parts, "text is", "texts are")} traced again.`
              : "All are traced so already."
            : null}
        </span>
      </div>
      {retracing.isError ? <Failed error={retracing.error} /> : null}
    </div>
  );
}
