/** Something that is shown when it is asked for. */

import { type ReactNode, useId, useState } from "react";
import { Button } from "../ui/controls";
import style from "./Disclosure.module.css";

interface DisclosureProps {
  label: ReactNode;
  children: ReactNode;
  isOpenFirst?: boolean;
  className?: string | undefined;
}

/** What is folded is not in the page, so that nothing unseen is found, read out, or loaded. */
export function Disclosure({ label, children, isOpenFirst = false, className }: DisclosureProps) {
  const [isOpen, setOpen] = useState(isOpenFirst);
  const id = useId();
  return (
    <div className={`${style.disclosure} ${className ?? ""}`}>
      <Button
        look="plain"
        className={`${style.button}`}
        aria-expanded={isOpen}
        aria-controls={isOpen ? id : undefined}
        onClick={() => setOpen(!isOpen)}
      >
        <span aria-hidden="true" className={style.arrow} data-open={isOpen} />
        {label}
      </Button>
      {isOpen ? (
        <div id={id} className={style.content}>
          {children}
        </div>
      ) : null}
    </div>
  );
}
