/** What a view shows while it has nothing to show: it loads, there is nothing, it failed. */

import type { UseQueryResult } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { type ReactNode, useEffect, useState } from "react";
import { failureOf } from "../api/errors";
import { Button } from "./controls";
import style from "./states.module.css";

const PATIENCE_MS = 200;

/** Says so after a moment only: what is there at once does not flicker. `progress`: what is done so far, in words. */
export function Loading({ what, progress }: { what: string; progress?: string | undefined }) {
  const [shown, setShown] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setShown(true), PATIENCE_MS);
    return () => clearTimeout(timer);
  }, []);
  return (
    <div role="status" className={style.loading} aria-busy="true">
      {shown ? (
        <>
          <span className={style.spinner} aria-hidden="true" />
          <span>
            Loading {what}
            {progress ? `: ${progress}` : "…"}
          </span>
        </>
      ) : null}
    </div>
  );
}

export function Empty({
  title,
  children,
  action,
}: {
  title: string;
  children?: ReactNode;
  action?: ReactNode;
}) {
  return (
    <div className={style.state}>
      <h2>{title}</h2>
      {children ? <div className={style.detail}>{children}</div> : null}
      {action}
    </div>
  );
}

/** Something is missing or is not as it might be: pending, partial, cut. */
export function Note({ children }: { children: ReactNode }) {
  return (
    <div role="note" className={style.note}>
      {children}
    </div>
  );
}

export function Failed({ error, onAgain }: { error: unknown; onAgain?: (() => void) | undefined }) {
  const failure = failureOf(error);
  return (
    <div role="alert" className={`${style.state} ${style.failure}`}>
      <h2>{failure.title}</h2>
      <p className={style.detail}>{failure.detail}</p>
      {onAgain && failure.kind !== "not_found" ? <Button onClick={onAgain}>Try again</Button> : null}
    </div>
  );
}

export function NotFound({ what }: { what: string }) {
  const navigate = useNavigate();
  return (
    <Empty
      title={`There is no such ${what}`}
      action={<Button onClick={() => void navigate({ to: "/" })}>Go to the overview</Button>}
    >
      It may have been deleted, or the address may be incomplete.
    </Empty>
  );
}

interface LoadedProps<T> {
  query: UseQueryResult<T>;
  /** What it is that loads, as in "Loading the traces". */
  what: string;
  children: (data: T) => ReactNode;
}

/** The data of a query, or the state that it is in. */
export function Loaded<T>({ query, what, children }: LoadedProps<T>) {
  if (query.data !== undefined) return children(query.data);
  if (query.isError) return <Failed error={query.error} onAgain={() => void query.refetch()} />;
  return <Loading what={what} />;
}
