import { Link } from "@tanstack/react-router";
import type { Schema } from "../../api/client";
import { JsonView } from "../../messages/JsonView";
import type { Json } from "../../messages/structured";
import { Section } from "./Section";
import style from "./Step.module.css";

interface LinksProps {
  links: readonly Schema["LinkOfSpan"][];
  project: string;
}

/** Spans that a step refers to, of this trace or another. */
export function Links({ links, project }: LinksProps) {
  return (
    <Section title={`Links (${links.length})`}>
      <ul className={style.events}>
        {links.map((link, place) => (
          <li key={place} className={style.event}>
            <Link
              to="/traces/$traceId"
              params={{ traceId: link.trace_id }}
              search={{ project, step: link.span_id }}
              className="foreign"
            >
              Span {link.span_id} of trace {link.trace_id}
            </Link>
            {Object.keys(link.attributes).length ? (
              <JsonView value={link.attributes as Json} label={`Attributes of the link to ${link.span_id}`} />
            ) : null}
          </li>
        ))}
      </ul>
    </Section>
  );
}
