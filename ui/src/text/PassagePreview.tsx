/** One box for all passages: what is told of the one under the pointer or the keyboard. It covers no line of it. */

import {
  type ReactNode,
  type Ref,
  useEffect,
  useImperativeHandle,
  useLayoutEffect,
  useRef,
  useState,
} from "react";
import style from "./PassagePreview.module.css";

export interface PassagePreviewHandle {
  /** After a moment, unless something else is asked for before. */
  show: (place: number, element: HTMLElement) => void;
  /** After a moment, so that the pointer may move into the box. */
  leave: () => void;
  /** At once; true: it was there. */
  close: () => boolean;
}

interface PassagePreviewProps {
  ref: Ref<PassagePreviewHandle>;
  id: string;
  content: (place: number) => ReactNode;
  /** All elements of a passage that are drawn. */
  elementsOf: (place: number) => HTMLElement[];
}

interface Shown {
  place: number;
  element: HTMLElement;
}

const DELAY_MS = 180;
const LEAVE_MS = 220;
const GAP = 8;

export function PassagePreview({ ref, id, content, elementsOf }: PassagePreviewProps) {
  const [shown, setShown] = useState<Shown | null>(null);
  const box = useRef<HTMLDivElement>(null);
  const timer = useRef<number | undefined>(undefined);
  const later = (milliseconds: number, action: () => void) => {
    window.clearTimeout(timer.current);
    timer.current = window.setTimeout(action, milliseconds);
  };
  const leave = () => later(LEAVE_MS, () => setShown(null));
  useImperativeHandle(ref, () => ({
    show: (place, element) => later(DELAY_MS, () => setShown({ place, element })),
    leave,
    close: () => {
      window.clearTimeout(timer.current);
      setShown(null);
      return shown !== null;
    },
  }));
  useEffect(() => () => window.clearTimeout(timer.current), []);
  useEffect(() => {
    if (!shown) return;
    const close = () => setShown(null);
    const onKey = ({ key }: KeyboardEvent) => (key === "Escape" ? close() : undefined);
    document.addEventListener("keydown", onKey);
    window.addEventListener("scroll", close, { capture: true, passive: true });
    window.addEventListener("resize", close);
    shown.element.setAttribute("aria-describedby", id);
    return () => {
      document.removeEventListener("keydown", onKey);
      window.removeEventListener("scroll", close, { capture: true });
      window.removeEventListener("resize", close);
      shown.element.removeAttribute("aria-describedby");
    };
  }, [shown, id]);
  useLayoutEffect(() => {
    if (shown && box.current) placeBox(box.current, elementsOf(shown.place), shown.element);
  }, [shown, elementsOf]);
  if (!shown) return null;
  return (
    <div
      ref={box}
      id={id}
      role="tooltip"
      className={style.preview}
      onPointerEnter={() => window.clearTimeout(timer.current)}
      onPointerLeave={leave}
    >
      {content(shown.place)}
    </div>
  );
}

/** Below the passage's last line or above its first; where neither is free, at the foot of the window. */
function placeBox(box: HTMLElement, elements: readonly HTMLElement[], under: HTMLElement): void {
  const rects = elements.flatMap((element) => [...element.getClientRects()]);
  const { width, height } = box.getBoundingClientRect();
  const own = under.getClientRects()[0] ?? under.getBoundingClientRect();
  const top = Math.min(own.top, ...rects.map((rect) => rect.top));
  const bottom = Math.max(own.bottom, ...rects.map((rect) => rect.bottom));
  const left = Math.max(GAP, Math.min(own.left, window.innerWidth - width - GAP));
  const isFreeBelow = bottom + GAP + height <= window.innerHeight;
  const isFreeAbove = top - GAP - height >= 0;
  const y = isFreeBelow ? bottom + GAP : isFreeAbove ? top - GAP - height : window.innerHeight - height - GAP;
  box.style.insetInlineStart = "auto";
  box.style.left = `${left}px`;
  box.style.top = `${y}px`;
}
