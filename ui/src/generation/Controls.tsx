/** How passages are found: what may be chosen, and what holds where nothing is. */

import { useEffect, useId, useRef, useState } from "react";
import { Button, Checkbox, Select, TextField } from "../ui/controls";
import { formatShare } from "../ui/format";
import style from "./Controls.module.css";
import { change, effective, isChanged, type Presets, type TraceBase, UNCHANGED } from "./options";
import { PRESETS, type TraceControls } from "./search";

export interface ControlsProps {
  value: TraceControls;
  onChange: (change: Partial<TraceControls>) => void;
  presets?: Presets | undefined;
  /** What holds where the controls say nothing; none: the preset `default`. */
  base?: TraceBase | undefined;
  /** Names of the indexes that may be chosen. */
  indexes?: readonly string[] | undefined;
}

const PRESET_NAMES: Record<(typeof PRESETS)[number], string> = {
  default: "Default",
  olmotrace: "As OLMoTrace",
};
const DENSITIES = [0.01, 0.02, 0.05, 0.1, 0.2, 1];
const AS_PRESET = "";
/** A number that is being typed is not asked for at every digit. */
const PAUSE_MS = 350;

export function Controls({ value, onChange, presets, base, indexes = [] }: ControlsProps) {
  const now = effective(value, base, presets);
  const ask = (asked: Partial<TraceControls>) => onChange(change(value, asked, base, presets));
  return (
    <div className={style.controls}>
      <Select
        label="Preset"
        value={now.preset}
        choices={PRESETS.map((preset) => ({ value: preset, label: PRESET_NAMES[preset] }))}
        onChoose={(chosen) => ask({ preset: PRESETS.find((preset) => preset === chosen) })}
      />
      <Shortest value={now.min_characters} onChange={(min_characters) => ask({ min_characters })} />
      <Select
        label="Passages shown"
        value={now.density === undefined ? AS_PRESET : String(now.density)}
        choices={densityChoices(now.density)}
        onChoose={(chosen) => ask({ density: chosen === AS_PRESET ? undefined : Number(chosen) })}
      />
      <Checkbox
        label="Stop at the ends of sentences"
        checked={now.sentences ?? false}
        onChange={(event) => ask({ sentences: event.target.checked })}
      />
      {indexes.length > 1 ? (
        <Indexes
          all={indexes}
          chosen={now.indexes}
          onChange={(chosen) =>
            ask({ indexes: chosen ?? (base?.indexes?.length ? [...indexes] : undefined) })
          }
        />
      ) : null}
      {isChanged(value) ? (
        <Button look="plain" onClick={() => onChange(UNCHANGED)}>
          Reset the options
        </Button>
      ) : null}
    </div>
  );
}

function Shortest({
  value,
  onChange,
}: {
  value: number | undefined;
  onChange: (value: number | undefined) => void;
}) {
  const [typed, setTyped] = useState<string | null>(null);
  const commit = () => {
    if (typed === null) return;
    const read = Number(typed);
    if (typed.trim() === "") onChange(undefined);
    else if (Number.isInteger(read) && read >= 1) onChange(read);
    setTyped(null);
  };
  const newest = useRef(commit);
  useEffect(() => {
    newest.current = commit;
  });
  useEffect(() => {
    if (typed === null) return;
    const timer = setTimeout(() => newest.current(), PAUSE_MS);
    return () => clearTimeout(timer);
  }, [typed]);
  return (
    <TextField
      label="Shortest passage, in characters"
      type="number"
      inputMode="numeric"
      min={1}
      step={1}
      value={typed ?? value ?? ""}
      placeholder="as the preset has it"
      onChange={(event) => setTyped(event.target.value)}
      // Whoever goes on before the pause is over, as by sending the form, means what was typed.
      onBlur={commit}
      onKeyDown={(event) => {
        if (event.key === "Enter") commit();
      }}
    />
  );
}

function densityChoices(now: number | undefined) {
  const offered =
    now === undefined || DENSITIES.includes(now)
      ? DENSITIES
      : [...DENSITIES, now].sort((one, other) => one - other);
  const choices = offered.map((density) => ({
    value: String(density),
    label: density === 1 ? "All" : `The rarest: ${formatShare(density)} of the tokens`,
  }));
  return now === undefined ? [{ value: AS_PRESET, label: "As the preset has it" }, ...choices] : choices;
}

interface IndexesProps {
  all: readonly string[];
  /** None: all. */
  chosen: readonly string[] | undefined;
  onChange: (chosen: string[] | undefined) => void;
}

/** At least one stays chosen: a search in no index is none. */
export function Indexes({ all, chosen, onChange }: IndexesProps) {
  const id = useId();
  const names = chosen?.length ? chosen : all;
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset cannot stand in a row with other controls in every browser
    <div role="group" aria-labelledby={id} className={style.indexes}>
      <span id={id} className={style.label}>
        Indexes
      </span>
      <div className={style.names}>
        {all.map((name) => {
          const isChosen = names.includes(name);
          return (
            <Checkbox
              key={name}
              label={<span className="foreign">{name}</span>}
              checked={isChosen}
              disabled={isChosen && names.length === 1}
              onChange={(event) => {
                const next = all.filter((each) =>
                  each === name ? event.target.checked : names.includes(each),
                );
                onChange(next.length === all.length ? undefined : next);
              }}
            />
          );
        })}
      </div>
    </div>
  );
}
