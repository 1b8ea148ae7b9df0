/** Files that came with a step. They are saved, and never shown: what they hold is not to be trusted. */

import { useMutation } from "@tanstack/react-query";
import type { Schema } from "../../api/client";
import { client } from "../../api/client";
import { failureOf } from "../../api/errors";
import { Button } from "../../ui/controls";
import { formatBytes } from "../../ui/format";
import { Section } from "./Section";
import style from "./Step.module.css";

type Detail = Schema["SpanDetail"];

export function Attachments({ span }: { span: Detail }) {
  const save = useMutation({ mutationFn: (name: string) => fetchAndSave(span, name) });
  return (
    <Section title={`Files (${span.attachments.length})`}>
      <ul className={style.events}>
        {span.attachments.map((file) => (
          <li key={file.name} className={style.event}>
            <p className={style.eventHead}>
              <span>
                <strong className="foreign">{file.name}</strong>{" "}
                <span className={`foreign ${style.soft}`}>
                  {file.content_type}, {formatBytes(file.bytes)}
                </span>
              </span>
              <Button
                aria-label={`Download ${file.name}`}
                disabled={save.isPending}
                onClick={() => save.mutate(file.name)}
              >
                Download
              </Button>
            </p>
          </li>
        ))}
      </ul>
      {save.isError ? (
        <p role="alert" className={style.fault}>
          {failureOf(save.error).title}: {failureOf(save.error).detail}
        </p>
      ) : null}
    </Section>
  );
}

/** A plain link would not send the key. */
async function fetchAndSave(span: Detail, name: string): Promise<void> {
  const { data } = await client.GET("/v1/spans/{span_id}/attachments/{name}", {
    params: { path: { span_id: span.id, name }, query: { trace: span.trace, project: span.project } },
    parseAs: "blob",
  });
  const address = URL.createObjectURL(
    new Blob([data as unknown as Blob], { type: "application/octet-stream" }),
  );
  const link = document.createElement("a");
  link.href = address;
  link.download = name;
  link.click();
  URL.revokeObjectURL(address);
}
