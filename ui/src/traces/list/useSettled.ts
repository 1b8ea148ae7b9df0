import { useEffect, useState } from "react";

const NEAR_PX = 24;

/** Whether the window stands at its top, where what comes may move what is shown. */
export function useSettled(): boolean {
  const [settled, setSettled] = useState(() => window.scrollY <= NEAR_PX);
  useEffect(() => {
    const look = () => setSettled(window.scrollY <= NEAR_PX);
    look();
    window.addEventListener("scroll", look, { passive: true });
    return () => window.removeEventListener("scroll", look);
  }, []);
  return settled;
}
