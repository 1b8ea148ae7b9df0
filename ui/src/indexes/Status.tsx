import type { Schema } from "../api/client";
import { Badge } from "../ui/layout";

const WORDS = { ok: "served", damaged: "damaged", missing: "missing" } as const;

/** Whether an index is searched. */
export function Status({ index }: { index: Pick<Schema["IndexModel"], "status" | "serving"> }) {
  const tone = index.status === "ok" ? "good" : index.serving ? "warn" : "bad";
  const words =
    index.status !== "ok" && index.serving ? `${WORDS[index.status]}, still searched` : WORDS[index.status];
  return <Badge tone={tone}>{words}</Badge>;
}
