/** Asks for an API key where the service wants one. */

import { useQueryClient } from "@tanstack/react-query";
import { type ReactNode, useEffect, useState } from "react";
import { SERVICE, useService } from "../api/service";
import { Button } from "../ui/controls";
import { Page } from "../ui/layout";
import { Empty } from "../ui/states";
import { KeyForm } from "./KeyForm";
import { isUnauthorised } from "./troubles";
import { useForgetKey } from "./useForgetKey";
import { useTroubles } from "./useTroubles";

export function KeyGate({ children }: { children: ReactNode }) {
  const service = useService();
  const { isLocked } = useTroubles();
  const [isShut, setShut] = useState(false);
  useLockedWrites();
  // It stays shut when the page is gone whose request was refused.
  useEffect(() => {
    if (isLocked) setShut(true);
  }, [isLocked]);
  // What lies over the page, as its dialogs do, would lie over the form as well: the page is gone until it is opened.
  if (isShut || isUnauthorised(service.error)) return <KeyForm onOpened={() => setShut(false)} />;
  return service.data?.caller.role === "ingest" ? <IngestOnly /> : children;
}

/** A refused write leaves no query that says so. */
function useLockedWrites(): void {
  const queries = useQueryClient();
  useEffect(
    () =>
      queries.getMutationCache().subscribe((event) => {
        if (event.type === "updated" && event.action.type === "error" && isUnauthorised(event.action.error))
          void queries.invalidateQueries({ queryKey: SERVICE.queryKey });
      }),
    [queries],
  );
}

function IngestOnly() {
  const forget = useForgetKey();
  return (
    <Page title="This API key may only send traces">
      <Empty
        title="There is nothing that it opens here"
        action={<Button onClick={forget}>Forget key</Button>}
      >
        It is meant for applications. To look at traces enter a key that may read; to change or delete
        something, one that may administer. <code>wherefrom keys create --role read</code> makes one.
      </Empty>
    </Page>
  );
}
