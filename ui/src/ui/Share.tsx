import { formatShare } from "./format";
import style from "./Share.module.css";

/** A share as a number and, for the eye, as a bar. */
export function Share({ of: share }: { of: number | null }) {
  return (
    <span className={style.share}>
      <span>{formatShare(share)}</span>
      {share === null ? null : (
        <span className={style.bar} aria-hidden="true">
          <span style={{ inlineSize: `${Math.min(Math.max(share, 0), 1) * 100}%` }} />
        </span>
      )}
    </span>
  );
}
