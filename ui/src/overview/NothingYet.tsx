/** What to do where there are no traces: send some, or look at what needs none. */

import { Link } from "@tanstack/react-router";
import { NoTraces } from "../traces/list/NoTraces";
import { buttonClass } from "../ui/controls";
import { Panel } from "../ui/layout";
import style from "./overview.module.css";

export function NothingYet({ project }: { project: string | undefined }) {
  return (
    <>
      <div className={style.ways}>
        <Panel label="Try it">
          <h2>Look at a text</h2>
          <p>Paste what a model wrote, and see which of its words stand in the indexed data.</p>
          <Link to="/try" className={buttonClass("primary")}>
            Try it
          </Link>
        </Panel>
        <Panel label="Indexes">
          <h2>Look at the data</h2>
          <p>What is indexed, and how often any phrase stands in it.</p>
          <Link to="/indexes" className={buttonClass()}>
            Indexes
          </Link>
        </Panel>
      </div>
      <NoTraces project={project} />
    </>
  );
}
