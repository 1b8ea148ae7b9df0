/** The documents on a phone: a sheet over the text, opened from a bar at its foot. */

import { Dialog } from "@base-ui/react/dialog";
import { type ReactNode, type RefObject, useState } from "react";
import { buttonClass } from "../ui/controls";
import { plural } from "../ui/format";
import style from "./DocumentsDrawer.module.css";

interface DocumentsDrawerProps {
  /** Documents that are shown. */
  count: number;
  isSelected: boolean;
  scroller: RefObject<HTMLElement | null>;
  /** Told how to close the sheet, so that "locate in output" shows the output. */
  children: (close: () => void) => ReactNode;
}

export function DocumentsDrawer({ count, isSelected, scroller, children }: DocumentsDrawerProps) {
  const [isOpen, setOpen] = useState(false);
  return (
    <Dialog.Root open={isOpen} onOpenChange={setOpen}>
      <div className={style.bar}>
        <Dialog.Trigger className={`${buttonClass("primary")} ${style.trigger}`}>
          {isSelected ? `${plural(count, "document")} with the selected passage` : plural(count, "document")}
        </Dialog.Trigger>
      </div>
      <Dialog.Portal>
        <Dialog.Backdrop className={style.backdrop} />
        <Dialog.Popup ref={scroller as RefObject<HTMLDivElement | null>} className={style.sheet}>
          <Dialog.Title className="unseen">Documents of the output</Dialog.Title>
          <Dialog.Close className={`${buttonClass()} ${style.close}`}>Close</Dialog.Close>
          {children(() => setOpen(false))}
        </Dialog.Popup>
      </Dialog.Portal>
    </Dialog.Root>
  );
}
