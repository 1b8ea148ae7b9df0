/** What traces are kept apart by. */

import { getRouteApi } from "@tanstack/react-router";
import { Button } from "../ui/controls";
import { Page } from "../ui/layout";
import { Modal } from "../ui/Modal";
import { Empty, Failed, Loading } from "../ui/states";
import { ProjectSettings } from "./ProjectSettings";
import { ProjectsTable } from "./ProjectsTable";
import style from "./projects.module.css";
import { useProjects } from "./queries";
import type { ProjectsSearch } from "./search";

const route = getRouteApi("/projects");

export function ProjectsPage() {
  const { settings } = route.useSearch();
  const navigate = route.useNavigate();
  const show = (name: string | undefined) =>
    void navigate({
      to: ".",
      search: (before: ProjectsSearch) => ({ ...before, settings: name }),
      resetScroll: false,
    });
  return (
    <Page title="Projects" lead="Each keeps its traces apart, for its own time, traced in its own way.">
      <Listed onSettings={show} />
      <Modal
        title={`Settings of ${settings ?? ""}`}
        isOpen={settings !== undefined}
        onOpen={(isOpen) => (isOpen ? undefined : show(undefined))}
      >
        {settings === undefined ? null : (
          <ProjectSettings key={settings} name={settings} onDeleted={() => show(undefined)} />
        )}
      </Modal>
    </Page>
  );
}

function Listed({ onSettings }: { onSettings: (name: string) => void }) {
  const query = useProjects();
  if (query.data === undefined) {
    return query.isError ? (
      <Failed error={query.error} onAgain={() => void query.refetch()} />
    ) : (
      <Loading what="the projects" />
    );
  }
  const projects = query.data.pages.flatMap((page) => page.items);
  if (!projects.length) return <NoProjects />;
  return (
    <>
      <ProjectsTable projects={projects} onSettings={onSettings} />
      {query.hasNextPage ? (
        <Button
          className={`${style.more}`}
          disabled={query.isFetchingNextPage}
          onClick={() => void query.fetchNextPage()}
        >
          {query.isFetchingNextPage ? "Loading…" : "Show more"}
        </Button>
      ) : null}
      {query.isFetchNextPageError ? <Failed error={query.error} /> : null}
    </>
  );
}

function NoProjects() {
  return (
    <Empty title="There is no project yet">
      A project is made when something is sent to it. Have an application send its traces here, as in{" "}
      <code>OTEL_EXPORTER_OTLP_ENDPOINT={location.origin}</code>, or save what you tried on the page “Try it”
      as a trace.
    </Empty>
  );
}
