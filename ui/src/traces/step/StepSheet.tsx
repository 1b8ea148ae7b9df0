/** A step on a phone: over the whole screen. */

import { Dialog } from "@base-ui/react/dialog";
import type { ReactNode } from "react";
import style from "./Step.module.css";

export function StepSheet({ onClose, children }: { onClose: () => void; children: ReactNode }) {
  return (
    <Dialog.Root
      open
      onOpenChange={(open) => {
        if (!open) onClose();
      }}
    >
      <Dialog.Portal>
        <Dialog.Popup className={style.sheet}>
          <Dialog.Title className="unseen">Step</Dialog.Title>
          {children}
        </Dialog.Popup>
      </Dialog.Portal>
    </Dialog.Root>
  );
}
