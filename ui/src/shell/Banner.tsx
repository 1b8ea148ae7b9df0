import type { ReactNode } from "react";
import style from "./Banner.module.css";

/** What is said of the service, below the header of every page. */
export function Banner({ children, action }: { children: ReactNode; action?: ReactNode }) {
  return (
    <div className={style.banner}>
      <span className="foreign">{children}</span>
      {action}
    </div>
  );
}
