import { Page } from "../ui/layout";
import { Failed } from "../ui/states";

/** Instead of a page that cannot be drawn. */
export function PageFault({ error, onAgain }: { error: unknown; onAgain: () => void }) {
  return (
    <Page title="This page failed">
      <Failed error={error} onAgain={onAgain} />
    </Page>
  );
}
