import { type ReactNode, useId } from "react";
import style from "./Step.module.css";

/** A part of a step, under its name. */
export function Section({
  title,
  tools,
  children,
}: {
  title: string;
  tools?: ReactNode;
  children: ReactNode;
}) {
  const id = useId();
  return (
    <section className={style.section} aria-labelledby={id}>
      <div className={style.sectionHead}>
        <h3 id={id}>{title}</h3>
        {tools}
      </div>
      {children}
    </section>
  );
}
