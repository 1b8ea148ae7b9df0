/** The page that was written with a report: opened beside this one, or saved where a link would not send the key. */

import { useMutation } from "@tanstack/react-query";
import { client } from "../api/client";
import { failureOf } from "../api/errors";
import { useService } from "../api/service";
import { Button, buttonClass } from "../ui/controls";
import style from "./audits.module.css";
import { useAudits } from "./queries";

export function ReportFile({ name }: { name: string }) {
  const audits = useAudits();
  const service = useService();
  const save = useMutation({ mutationFn: () => fetchAndSave(name) });
  const hasPage = audits.data?.items.find((one) => one.name === name)?.has_page;
  if (!hasPage || !service.data) return null;
  if (!service.data.needs_keys)
    return (
      <a
        className={buttonClass()}
        href={`/v1/audits/${encodeURIComponent(name)}/page`}
        target="_blank"
        rel="noopener noreferrer"
      >
        Open the report's page
      </a>
    );
  return (
    <span className={style.file}>
      <Button disabled={save.isPending} onClick={() => save.mutate()}>
        Save the report's page
      </Button>
      {save.isError ? <span role="alert">{failureOf(save.error).detail}</span> : null}
    </span>
  );
}

async function fetchAndSave(name: string): Promise<void> {
  const { data } = await client.GET("/v1/audits/{name}/page", {
    params: { path: { name } },
    parseAs: "blob",
  });
  const address = URL.createObjectURL(
    new Blob([data as unknown as Blob], { type: "application/octet-stream" }),
  );
  const link = document.createElement("a");
  link.href = address;
  link.download = `${name}.html`;
  link.click();
  URL.revokeObjectURL(address);
}
