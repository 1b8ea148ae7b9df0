/** Where a text is entered, with what it is traced by. */

import { getRouteApi } from "@tanstack/react-router";
import { type FormEvent, type KeyboardEvent, useId, useRef, useState } from "react";
import { useService } from "../api/service";
import { Controls } from "../generation/Controls";
import { Disclosure } from "../generation/Disclosure";
import { isChanged } from "../generation/options";
import { useIndexNames } from "../generation/queries";
import { Button, TextArea } from "../ui/controls";
import { Panel } from "../ui/layout";
import { Note } from "../ui/states";
import { roomFor } from "./limits";
import type { Tried } from "./link";
import type { TryingSearch } from "./search";
import style from "./TryForm.module.css";

const route = getRouteApi("/try");

interface TryFormProps {
  /** What stands in it first. */
  first: Tried;
  onTrace: (text: Tried) => void;
  /** Leaves it as it was. */
  onLeave?: (() => void) | undefined;
}

export function TryForm({ first, onTrace, onLeave }: TryFormProps) {
  const [text, setText] = useState(first.text);
  const [prompt, setPrompt] = useState(first.prompt ?? "");
  const [isMissing, setMissing] = useState(false);
  const box = useRef<HTMLTextAreaElement>(null);
  const service = useService().data;
  const limit = service?.limits.max_text_characters;
  const room = { text: roomFor(text, limit), prompt: roomFor(prompt, limit) };
  const isTooLong = room.text.isTooLong || room.prompt.isTooLong;
  const trace = () => {
    if (text.trim() === "") {
      setMissing(true);
      box.current?.focus();
    } else if (!isTooLong) onTrace({ text, prompt: prompt || null });
  };
  const send = (event: FormEvent) => {
    event.preventDefault();
    trace();
  };
  const press = (event: KeyboardEvent) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      trace();
    }
  };
  return (
    <Panel label="Text to trace">
      <form className={style.form} onSubmit={send} onKeyDown={press}>
        <TextArea
          ref={box}
          label="Text"
          rows={7}
          value={text}
          dir="auto"
          spellCheck={false}
          aria-invalid={isMissing || room.text.isTooLong}
          placeholder="The output of a model, or any text"
          hint={isMissing && text.trim() === "" ? "There is no text to trace yet." : room.text.words}
          onChange={(event) => setText(event.target.value)}
        />
        <TextArea
          label="Prompt (if you know it)"
          rows={2}
          value={prompt}
          dir="auto"
          spellCheck={false}
          aria-invalid={room.prompt.isTooLong}
          hint={room.prompt.words ?? "Documents are ranked by what prompt and text have in common with them."}
          onChange={(event) => setPrompt(event.target.value)}
        />
        <TraceOptions />
        <div className={style.foot}>
          <Button type="submit" look="primary" disabled={isTooLong} aria-keyshortcuts="Control+Enter">
            Trace
          </Button>
          {onLeave ? <Button onClick={onLeave}>Back to the result</Button> : null}
          <span className={style.keys}>
            <kbd>Ctrl</kbd> + <kbd>Enter</kbd>
          </span>
        </div>
      </form>
    </Panel>
  );
}

function TraceOptions() {
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const presets = useService().data?.presets;
  const indexes = useIndexNames().data;
  const id = useId();
  return (
    <>
      {indexes?.length === 0 ? (
        <Note>
          The service has no index, so nothing can be found: name one when it is started, as in{" "}
          <code>wherefrom serve corpus.index</code>.
        </Note>
      ) : null}
      <Disclosure key={id} label="Options" isOpenFirst={isChanged(search) || (indexes?.length ?? 0) > 1}>
        <Controls
          value={search}
          presets={presets}
          indexes={indexes}
          onChange={(change) =>
            void navigate({
              to: ".",
              search: (before: TryingSearch) => ({ ...before, ...change, span: undefined }),
              hash: true,
              replace: true,
              resetScroll: false,
            })
          }
        />
      </Disclosure>
    </>
  );
}
