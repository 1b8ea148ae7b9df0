import { Page } from "../ui/layout";
import { Failed } from "../ui/states";
import { MissingPage } from "./MissingPage";
import { PageMissingError } from "./pages";

/** Instead of a page that cannot be drawn. */
export function PageFault({ error, onAgain }: { error: unknown; onAgain: () => void }) {
  if (error instanceof PageMissingError) return <MissingPage />;
  return (
    <Page title="This page failed">
      <Failed error={error} onAgain={onAgain} />
    </Page>
  );
}
