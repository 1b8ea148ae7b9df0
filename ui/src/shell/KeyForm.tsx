import { useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { answer, client } from "../api/client";
import { failureOf } from "../api/errors";
import { setKey, useKey } from "../api/key";
import { Button, TextField } from "../ui/controls";
import { Page, Panel } from "../ui/layout";
import style from "./KeyForm.module.css";
import { isUnauthorised } from "./troubles";

/** What may stand in a header. */
const SENDABLE = /^[\x21-\x7e]+$/;

export function KeyForm({ onOpened }: { onOpened: () => void }) {
  const queries = useQueryClient();
  const used = useKey();
  const [typed, setTyped] = useState("");
  const [isAsking, setAsking] = useState(false);
  const [fault, setFault] = useState<string | null>(null);
  const told = fault ?? (used === null ? null : "The API key that was used is unknown or revoked by now.");
  const enter = async (event: FormEvent) => {
    event.preventDefault();
    const key = typed.trim();
    if (!SENDABLE.test(key)) {
      setFault(key ? "An API key has no such characters: it looks like wf_…" : "Enter an API key.");
      return;
    }
    setAsking(true);
    setFault(null);
    setKey(null);
    try {
      await answer(client.GET("/v1/service", { headers: { "x-api-key": key } }));
      setKey(key);
      onOpened();
      await queries.resetQueries();
    } catch (error) {
      setFault(
        isUnauthorised(error)
          ? "This API key is unknown or revoked."
          : `${failureOf(error).title}. Try again.`,
      );
    } finally {
      setAsking(false);
    }
  };
  return (
    <Page title="An API key is needed" lead="This service shows what it has only to those who have a key.">
      <Panel label="Access" className={`${style.panel}`}>
        <form className={style.form} onSubmit={(event) => void enter(event)}>
          <TextField
            label="API key"
            type="password"
            autoComplete="off"
            spellCheck={false}
            value={typed}
            aria-invalid={told !== null}
            hint="It is kept for this tab only. wherefrom keys create --role read makes one."
            onChange={(event) => setTyped(event.target.value)}
          />
          <div role="alert" className={style.fault}>
            {told}
          </div>
          <Button type="submit" look="primary" disabled={isAsking}>
            {isAsking ? "Asking…" : "Use this key"}
          </Button>
        </form>
      </Panel>
    </Page>
  );
}
