/** A dialog over the page; the rest waits until it is closed. */

import { Dialog } from "@base-ui/react/dialog";
import type { ReactNode } from "react";
import { buttonClass } from "./controls";
import style from "./Modal.module.css";

interface ModalProps {
  title: string;
  lead?: ReactNode;
  /** What the button says that opens it; none: it is opened by the caller. */
  trigger?: string;
  isOpen: boolean;
  onOpen: (isOpen: boolean) => void;
  children: ReactNode;
}

export function Modal({ title, lead, trigger, isOpen, onOpen, children }: ModalProps) {
  return (
    <Dialog.Root open={isOpen} onOpenChange={onOpen}>
      {trigger ? <Dialog.Trigger className={buttonClass()}>{trigger}</Dialog.Trigger> : null}
      <Dialog.Portal>
        <Dialog.Backdrop className={style.backdrop} />
        <Dialog.Popup className={style.modal}>
          <div className={style.head}>
            <Dialog.Title className={`foreign ${style.title}`}>{title}</Dialog.Title>
            <Dialog.Close className={`${buttonClass("plain")} ${style.close}`} aria-label="Close">
              ×
            </Dialog.Close>
          </div>
          {lead ? <Dialog.Description className={style.lead}>{lead}</Dialog.Description> : null}
          {children}
        </Dialog.Popup>
      </Dialog.Portal>
    </Dialog.Root>
  );
}
