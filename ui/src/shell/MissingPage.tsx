import { useEffect, useState } from "react";
import { Button } from "../ui/controls";
import { Page } from "../ui/layout";
import { Empty } from "../ui/states";
import { untilAlive } from "./alive";
import { reload, wasReloaded } from "./reloading";

/** A page whose parts did not come. It is loaded when the service has some: there is nothing here that would be lost. */
export function MissingPage() {
  const [isVain] = useState(wasReloaded);
  useEffect(() => {
    if (isVain) return;
    const ending = new AbortController();
    void untilAlive(ending.signal).then(reload);
    return () => ending.abort();
  }, [isVain]);
  return (
    <Page title="This page could not be loaded">
      <Empty
        title={isVain ? "The service has no such page" : "Waiting for the service"}
        action={<Button onClick={reload}>Load it again</Button>}
      >
        {isVain
          ? "It answers, but not with what this page is made of. It may be in the middle of an upgrade."
          : "It is gone or was upgraded. The page is loaded as soon as the service answers."}
      </Empty>
    </Page>
  );
}
