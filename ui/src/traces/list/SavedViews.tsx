/** Addresses of the list that the reader keeps by names. */

import { Popover } from "@base-ui/react/popover";
import { Link, useLocation } from "@tanstack/react-router";
import { useState } from "react";
import { Button, buttonClass, TextField } from "../../ui/controls";
import { Note } from "../../ui/states";
import { parseSearch, text } from "../../url/search";
import { readListSearch } from "../search";
import { changeViews, type SavedView, useSavedViews, withoutView, withView } from "./savedViews";
import style from "./savedViews.module.css";

const LONGEST_NAME = 100;

export function SavedViews() {
  const views = useSavedViews();
  const [open, setOpen] = useState(false);
  return (
    <Popover.Root open={open} onOpenChange={setOpen}>
      <Popover.Trigger className={buttonClass()}>
        Saved views{views.length ? ` (${views.length})` : ""}
      </Popover.Trigger>
      <Popover.Portal>
        <Popover.Positioner sideOffset={6} align="end" className={style.place ?? ""}>
          <Popover.Popup className={style.popup ?? ""}>
            <Popover.Title className={style.title ?? ""}>Saved views</Popover.Title>
            {views.length ? (
              <ul className={style.views} aria-label="Saved views">
                {views.map((view) => (
                  <SavedViewItem key={view.name} view={view} onOpen={() => setOpen(false)} />
                ))}
              </ul>
            ) : (
              <p className={style.hint}>None yet. A view is the filters and the order of this list.</p>
            )}
            <SaveForm />
          </Popover.Popup>
        </Popover.Positioner>
      </Popover.Portal>
    </Popover.Root>
  );
}

function SavedViewItem({ view, onOpen }: { view: SavedView; onOpen: () => void }) {
  const raw = parseSearch(view.search);
  return (
    <li>
      <Link
        to="/traces"
        search={{ ...readListSearch(raw), project: text(raw.project) }}
        className="foreign"
        onClick={onOpen}
      >
        {view.name}
      </Link>
      <Button
        look="plain"
        aria-label={`Delete the view ${view.name}`}
        onClick={() => changeViews((views) => withoutView(views, view.name))}
      >
        <span aria-hidden="true">×</span>
      </Button>
    </li>
  );
}

function SaveForm() {
  const search = useLocation({ select: (location) => location.searchStr });
  const [name, setName] = useState("");
  const [failed, setFailed] = useState(false);
  return (
    <form
      className={style.form}
      onSubmit={(event) => {
        event.preventDefault();
        const kept = changeViews((views) => withView(views, { name, search }));
        setFailed(!kept);
        if (kept) setName("");
      }}
    >
      <TextField
        label="Name of this view"
        maxLength={LONGEST_NAME}
        value={name}
        onChange={(event) => setName(event.target.value)}
      />
      <Button type="submit" look="primary" disabled={!name.trim()}>
        Save this view
      </Button>
      {failed ? <Note>This browser keeps nothing for this page.</Note> : null}
    </form>
  );
}
