/** Colours, the API key, and what the service is. */

import { Popover } from "@base-ui/react/popover";
import { useState } from "react";
import { useKey } from "../api/key";
import { useService } from "../api/service";
import { Button, buttonClass, Switcher } from "../ui/controls";
import style from "./Settings.module.css";
import { applyTheme, chosenTheme, THEMES, type Theme } from "./theme";
import { useForgetKey } from "./useForgetKey";

const THEME_NAMES: Record<Theme, string> = { system: "System", light: "Light", dark: "Dark" };
const ROLES = { ingest: "send traces", read: "read", admin: "do everything" } as const;

export function Settings() {
  return (
    <Popover.Root>
      <Popover.Trigger className={`${buttonClass("plain")} ${style.trigger}`} aria-label="Settings">
        <Gear />
      </Popover.Trigger>
      <Popover.Portal>
        <Popover.Positioner sideOffset={6} align="end" collisionPadding={8} className={style.positioner}>
          <Popover.Popup className={style.popup}>
            <Popover.Title className="unseen">Settings</Popover.Title>
            <Theming />
            <Access />
          </Popover.Popup>
        </Popover.Positioner>
      </Popover.Portal>
    </Popover.Root>
  );
}

function Theming() {
  const [theme, setTheme] = useState(chosenTheme);
  return (
    <div className={style.part}>
      <span className={style.label} aria-hidden="true">
        Colours
      </span>
      <Switcher
        label="Colours"
        value={theme}
        choices={THEMES.map((value) => ({ value, label: THEME_NAMES[value] }))}
        onChoose={(value) => {
          applyTheme(value);
          setTheme(value);
        }}
      />
    </div>
  );
}

function Access() {
  const key = useKey();
  const forget = useForgetKey();
  const { data } = useService();
  return (
    <>
      {data ? (
        <p className={style.words}>
          You may {ROLES[data.caller.role]}
          {data.caller.project === null ? "" : " in the project "}
          {data.caller.project === null ? "" : <span className="foreign">{data.caller.project}</span>}
          {data.needs_keys || data.caller.has_key ? "." : ", since this machine needs no API key."}
        </p>
      ) : null}
      {key === null ? null : <Button onClick={forget}>Forget key</Button>}
      {data ? <p className={style.words}>Wherefrom {data.version}</p> : null}
    </>
  );
}

function Gear() {
  return (
    <svg width="18" height="18" viewBox="0 0 18 18" aria-hidden="true" className={style.gear}>
      <path d="M2 5h7m4 0h3M2 13h3m4 0h7" />
      <circle cx="11" cy="5" r="2" />
      <circle cx="7" cy="13" r="2" />
    </svg>
  );
}
