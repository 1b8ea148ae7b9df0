/** What the marks in a text mean. */

import style from "./Legend.module.css";

export function Legend({ withSurprise }: { withSurprise: boolean }) {
  return (
    <ul aria-label="Legend" className={style.legend}>
      <li>
        <span aria-hidden="true" className={`${style.mark} ${style.high}`} /> high
      </li>
      <li>
        <span aria-hidden="true" className={`${style.mark} ${style.medium}`} /> medium
      </li>
      <li>
        <span aria-hidden="true" className={`${style.mark} ${style.low}`} /> low relevance of its documents
      </li>
      <li>
        <span aria-hidden="true" className={`${style.mark} ${style.overlap}`} /> passages overlap
      </li>
      <li>
        <span aria-hidden="true" className={`${style.mark} ${style.edges}`} /> a passage begins and ends at
        its edges
      </li>
      {withSurprise ? (
        <li>
          <span aria-hidden="true" className={`${style.mark} ${style.surprise}`} /> the model was less sure
        </li>
      ) : null}
    </ul>
  );
}
