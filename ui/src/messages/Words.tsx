import { LongText } from "./LongText";

/** What someone said. */
export function Words({ text }: { text: string }) {
  return <LongText text={text} />;
}
