import { Button } from "../ui/controls";
import { Empty } from "../ui/states";

/** Said where an address holds something that is no text from here. */
export function DamagedLink({ reason, onBegin }: { reason: string; onBegin: () => void }) {
  return (
    <div role="alert">
      <Empty title="This link is damaged" action={<Button onClick={onBegin}>Try a text of your own</Button>}>
        {reason}
      </Empty>
    </div>
  );
}
