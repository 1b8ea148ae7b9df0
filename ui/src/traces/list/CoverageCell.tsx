import { formatShare } from "../../ui/format";
import style from "./table.module.css";

/** A share as a number and, for the eye, as a bar. */
export function CoverageCell({ share }: { share: number | null }) {
  return (
    <>
      <span>{formatShare(share)}</span>
      {share === null ? null : (
        <span className={style.bar} aria-hidden="true">
          <span style={{ inlineSize: `${Math.min(Math.max(share, 0), 1) * 100}%` }} />
        </span>
      )}
    </>
  );
}
