/** How long a project's traces are kept, how they are traced, and its end. */

import type { ReactNode } from "react";
import { failureOf } from "../api/errors";
import { useIsAdmin } from "../api/service";
import { Failed, Loaded, Note } from "../ui/states";
import { DeleteProject } from "./DeleteProject";
import { HowTraced } from "./HowTraced";
import style from "./ProjectSettings.module.css";
import { useProject } from "./queries";
import { Retention } from "./Retention";

interface ProjectSettingsProps {
  name: string;
  onDeleted: () => void;
}

export function ProjectSettings({ name, onDeleted }: ProjectSettingsProps) {
  const query = useProject(name);
  const isAdmin = useIsAdmin();
  if (query.data === undefined && query.isError && failureOf(query.error).kind === "not_found")
    return <Failed error={query.error} />;
  return (
    <Loaded query={query} what="the project">
      {(project) => (
        <div className={style.settings}>
          {isAdmin ? null : (
            <Note>These settings can be changed with an API key that may administer; yours may read.</Note>
          )}
          <Part title="How long traces are kept">
            <Retention project={project} isFixed={!isAdmin} />
          </Part>
          <Part title="How generations are traced">
            <HowTraced name={name} isFixed={!isAdmin} />
          </Part>
          {isAdmin ? (
            <Part title="Delete the project">
              <DeleteProject name={name} onDeleted={onDeleted} />
            </Part>
          ) : null}
        </div>
      )}
    </Loaded>
  );
}

function Part({ title, children }: { title: string; children: ReactNode }) {
  return (
    <section aria-label={title} className={style.part}>
      <h3>{title}</h3>
      {children}
    </section>
  );
}
