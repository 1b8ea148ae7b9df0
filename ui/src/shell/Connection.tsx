/** Says how the service is when it is not well, and goes on when it is. */

import { Button } from "../ui/controls";
import { Banner } from "./Banner";
import { useAgain, useGone, useTroubles } from "./useTroubles";
import { useUpgraded } from "./useUpgraded";

export function Connection() {
  const { isGone, hurry } = useGone();
  const troubles = useTroubles();
  const again = useAgain(troubles.isWaiting);
  const upgraded = useUpgraded();
  return (
    <div role="status" aria-label="Connection">
      {isGone ? (
        <Banner action={<Button onClick={hurry}>Try now</Button>}>
          The service does not answer; trying again. What is shown stays, and is read anew when it is back.
        </Banner>
      ) : (
        <Trouble
          words={
            troubles.refused
              ? `${troubles.refused.title}; trying again.`
              : troubles.stale
                ? `What is shown is not up to date. ${troubles.stale.title}: ${troubles.stale.detail}`
                : troubles.isSlow
                  ? "The service is slow: an answer has been awaited for some seconds."
                  : null
          }
          onAgain={troubles.stale && !troubles.refused ? again : undefined}
        />
      )}
      {upgraded !== null ? (
        <Banner action={<Button onClick={() => location.reload()}>Load the new version</Button>}>
          The service was upgraded to version {upgraded}; this page is of the one before.
        </Banner>
      ) : null}
    </div>
  );
}

function Trouble({ words, onAgain }: { words: string | null; onAgain: (() => void) | undefined }) {
  if (words === null) return null;
  return <Banner action={onAgain ? <Button onClick={onAgain}>Try again</Button> : null}>{words}</Banner>;
}
