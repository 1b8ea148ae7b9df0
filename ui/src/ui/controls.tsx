/** What is pressed, chosen and filled in. Native elements, so that every keyboard and screen reader knows them. */

import { type ComponentProps, type ReactNode, useId } from "react";
import style from "./controls.module.css";

type Look = "normal" | "primary" | "plain" | "danger";

export function buttonClass(look: Look = "normal"): string {
  return look === "normal" ? `${style.button}` : `${style.button} ${style[look]}`;
}

export function Button({ look = "normal", className, ...rest }: ComponentProps<"button"> & { look?: Look }) {
  return <button type="button" className={`${buttonClass(look)} ${className ?? ""}`} {...rest} />;
}

interface FieldProps {
  label: string;
  hint?: ReactNode;
  /** The label is for screen readers only. */
  labelUnseen?: boolean;
}

function Labelled({
  id,
  label,
  hint,
  labelUnseen,
  children,
}: FieldProps & { id: string; children: ReactNode }) {
  return (
    <div className={style.field}>
      <label htmlFor={id} className={labelUnseen ? "unseen" : style.label}>
        {label}
      </label>
      {children}
      {hint ? (
        <span id={`${id}-hint`} className={style.hint}>
          {hint}
        </span>
      ) : null}
    </div>
  );
}

export function TextField({
  label,
  hint,
  labelUnseen = false,
  ...rest
}: FieldProps & ComponentProps<"input">) {
  const id = useId();
  return (
    <Labelled id={id} label={label} hint={hint} labelUnseen={labelUnseen}>
      <input id={id} className={style.input} aria-describedby={hint ? `${id}-hint` : undefined} {...rest} />
    </Labelled>
  );
}

export function TextArea({
  label,
  hint,
  labelUnseen = false,
  ...rest
}: FieldProps & ComponentProps<"textarea">) {
  const id = useId();
  return (
    <Labelled id={id} label={label} hint={hint} labelUnseen={labelUnseen}>
      <textarea
        id={id}
        className={style.input}
        aria-describedby={hint ? `${id}-hint` : undefined}
        {...rest}
      />
    </Labelled>
  );
}

export interface Choice {
  value: string;
  label: string;
}

interface SelectProps extends FieldProps, Omit<ComponentProps<"select">, "onChange"> {
  choices: readonly Choice[];
  onChoose: (value: string) => void;
}

export function Select({ label, hint, labelUnseen = false, choices, onChoose, ...rest }: SelectProps) {
  const id = useId();
  return (
    <Labelled id={id} label={label} hint={hint} labelUnseen={labelUnseen}>
      <select
        id={id}
        className={style.input}
        onChange={(event) => onChoose(event.target.value)}
        aria-describedby={hint ? `${id}-hint` : undefined}
        {...rest}
      >
        {choices.map((choice) => (
          <option key={choice.value} value={choice.value}>
            {choice.label}
          </option>
        ))}
      </select>
    </Labelled>
  );
}

export function Checkbox({ label, ...rest }: { label: ReactNode } & ComponentProps<"input">) {
  return (
    <label className={style.choice}>
      <input type="checkbox" {...rest} />
      {label}
    </label>
  );
}

interface SwitcherProps<T extends string> {
  /** What is switched, for screen readers. */
  label: string;
  value: T;
  choices: readonly { value: T; label: string }[];
  onChoose: (value: T) => void;
}

/** A few views of one thing, one of which is shown. */
export function Switcher<T extends string>({ label, value, choices, onChoose }: SwitcherProps<T>) {
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset brings a frame and a legend, which a toolbar has not
    <div role="group" aria-label={label} className={style.group}>
      {choices.map((choice) => (
        <Button
          key={choice.value}
          aria-pressed={choice.value === value}
          onClick={() => onChoose(choice.value)}
        >
          {choice.label}
        </Button>
      ))}
    </div>
  );
}
