import { Link } from "@tanstack/react-router";
import { useService } from "../api/service";
import { Button } from "../ui/controls";
import { formatBytes, formatTime } from "../ui/format";
import style from "./projects.module.css";
import type { Project } from "./queries";
import { keptFor } from "./retention";

interface ProjectsTableProps {
  projects: readonly Project[];
  onSettings: (name: string) => void;
}

export function ProjectsTable({ projects, onSettings }: ProjectsTableProps) {
  const usual = useService().data?.limits.retention_days;
  return (
    <table className={style.table}>
      <thead>
        <tr>
          <th scope="col">Project</th>
          <th scope="col">Newest trace</th>
          <th scope="col">Made</th>
          <th scope="col">Traces are kept</th>
          <th scope="col">Snippets take</th>
          <th scope="col">
            <span className="unseen">Settings</span>
          </th>
        </tr>
      </thead>
      <tbody>
        {projects.map((project) => (
          <tr key={project.name}>
            <th scope="row">
              <Link to="/traces" search={{ project: project.name }} className={`foreign ${style.name}`}>
                {project.name}
              </Link>
            </th>
            <td data-label="Newest trace">
              {project.last_start === null ? "none" : formatTime(project.last_start)}
            </td>
            <td data-label="Made">{formatTime(project.created)}</td>
            <td data-label="Kept">{keptFor(project.retention_days, usual)}</td>
            <td data-label="Snippets take">{formatBytes(project.snippet_bytes)}</td>
            <td className={style.last}>
              <Button onClick={() => onSettings(project.name)} aria-label={`Settings of ${project.name}`}>
                Settings
              </Button>
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
