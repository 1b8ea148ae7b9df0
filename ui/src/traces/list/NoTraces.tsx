/** Nothing was sent yet: how to send something to this very address. */

import { useState } from "react";
import { useKey } from "../../api/key";
import { Button } from "../../ui/controls";
import { Empty } from "../../ui/states";
import style from "./noTraces.module.css";

const CLIENTS = [
  {
    name: "OpenTelemetry",
    of: "GenAI, OpenInference and Traceloop conventions",
    command: (address: string, key: string | null) =>
      `OTEL_EXPORTER_OTLP_ENDPOINT=${address} OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf ` +
      `${key ? `OTEL_EXPORTER_OTLP_HEADERS=x-api-key=${key} ` : ""}python application.py`,
  },
  {
    name: "LangSmith's SDK",
    of: "@traceable and wrap_openai included",
    command: (address: string, key: string | null) =>
      `LANGSMITH_TRACING=true LANGSMITH_ENDPOINT=${address} LANGSMITH_API_KEY=${key ?? "any"} python application.py`,
  },
] as const;

export function NoTraces({ project }: { project: string | undefined }) {
  const key = useKey() === null ? null : "YOUR_KEY";
  return (
    <Empty title={project === undefined ? "No traces yet" : "No traces in this project yet"}>
      <p>An application that is traced already needs nothing but this address. What it sends appears here.</p>
      {CLIENTS.map(({ name, of, command }) => (
        <Command key={name} name={name} of={of} command={command(location.origin, key)} />
      ))}
    </Empty>
  );
}

function Command({ name, of, command }: { name: string; of: string; command: string }) {
  const [copied, setCopied] = useState(false);
  return (
    <div className={style.client}>
      <p>
        <b>{name}</b> ({of})
      </p>
      <div className={style.command}>
        <pre>
          <code>{command}</code>
        </pre>
        {/* A page that did not come safely has no clipboard. */}
        {navigator.clipboard ? (
          <Button
            aria-label={`Copy the command for ${name}`}
            onClick={() => void navigator.clipboard.writeText(command).then(() => setCopied(true))}
          >
            {copied ? "Copied" : "Copy"}
          </Button>
        ) : null}
      </div>
    </div>
  );
}
