import { DraftField } from "./DraftField";
import style from "./filters.module.css";

interface RangeFieldProps {
  /** With its unit, as in "Coverage (%)". */
  label: string;
  least: number | undefined;
  most: number | undefined;
  onLeast: (value: number | undefined) => void;
  onMost: (value: number | undefined) => void;
  /** What is shown for a value of the address is that many times it: 100 for shares in percent. */
  scale?: number;
  max?: number;
  step?: number | "any";
}

/** Two numbers between which a value is to be. */
export function RangeField({
  label,
  least,
  most,
  onLeast,
  onMost,
  scale = 1,
  max,
  step = "any",
}: RangeFieldProps) {
  const shown = (value: number | undefined) =>
    value === undefined ? "" : String(Number((value * scale).toPrecision(12)));
  const read = (text: string) => (text === "" ? undefined : Number((Number(text) / scale).toPrecision(12)));
  const shared = { type: "number", inputMode: "decimal", min: 0, max, step, labelUnseen: true } as const;
  return (
    <fieldset className={style.range}>
      <legend>{label}</legend>
      <div className={style.pair}>
        <DraftField
          {...shared}
          label={`${label}, at least`}
          placeholder="at least"
          value={shown(least)}
          onCommit={(text) => onLeast(read(text))}
        />
        <span aria-hidden="true">–</span>
        <DraftField
          {...shared}
          label={`${label}, at most`}
          placeholder="at most"
          value={shown(most)}
          onCommit={(text) => onMost(read(text))}
        />
      </div>
    </fieldset>
  );
}
