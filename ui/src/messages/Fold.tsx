/** Something that is shown when it is asked for, and is not in the page before. */

import { type ReactNode, useState } from "react";
import style from "./Fold.module.css";

interface FoldProps {
  label: ReactNode;
  children: ReactNode;
  className?: string | undefined;
  isOpenFirst?: boolean;
}

export function Fold({ label, children, className, isOpenFirst = false }: FoldProps) {
  const [isOpen, setOpen] = useState(isOpenFirst);
  return (
    <details
      className={`${style.fold} ${className ?? ""}`}
      open={isOpen}
      onToggle={(event) => setOpen(event.currentTarget.open)}
    >
      <summary>{label}</summary>
      {isOpen ? <div className={style.content}>{children}</div> : null}
    </details>
  );
}
