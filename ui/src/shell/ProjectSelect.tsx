import { useQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { answer, client } from "../api/client";
import { Select } from "../ui/controls";
import { shorten } from "../ui/format";

const ALL = "";
const LONGEST = 40;

/** Which project is looked at; it stands in every address. */
export function ProjectSelect() {
  const { project } = useSearch({ strict: false });
  const navigate = useNavigate();
  const { data } = useQuery({
    queryKey: ["projects", "names"],
    queryFn: () => answer(client.GET("/v1/projects", { params: { query: { limit: 200 } } })),
  });
  const names = new Set(data?.items.map((each) => each.name));
  if (project) names.add(project);
  return (
    <Select
      label="Project"
      labelUnseen
      value={project ?? ALL}
      choices={[
        { value: ALL, label: "All projects" },
        ...[...names].map((name) => ({ value: name, label: shorten(name, LONGEST) })),
      ]}
      onChoose={(name) =>
        void navigate({
          to: ".",
          search: (before: Record<string, unknown>) => ({ ...before, project: name || undefined }),
          hash: true,
        })
      }
    />
  );
}
