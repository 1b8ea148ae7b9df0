import { Page } from "../ui/layout";
import { NotFound } from "../ui/states";

/** At an address that leads nowhere. */
export function NoPage() {
  return (
    <Page title="Not found">
      <NotFound what="page" />
    </Page>
  );
}
