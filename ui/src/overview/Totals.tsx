/** All of the time that is looked at, in a few numbers. */

import { Link } from "@tanstack/react-router";
import type { Schema } from "../api/client";
import { formatCost, formatCount, formatShare } from "../ui/format";
import { Fact, Facts, Panel } from "../ui/layout";
import { boundsOf, tracesLink } from "./marks";
import type { TimeRange } from "./ranges";
import { totalsOf } from "./totals";

interface TotalsProps {
  items: readonly Schema["StepItem"][];
  range: TimeRange;
  model: string | undefined;
}

export function Totals({ items, range, model }: TotalsProps) {
  const all = totalsOf(items);
  const within = { ...boundsOf(range), model };
  return (
    <Panel label="In all">
      <Facts>
        <Fact label="Traces">
          <Link {...tracesLink(within)}>{formatCount(all.traces)}</Link>
        </Fact>
        <Fact label="Failed">
          {all.failed ? (
            <Link {...tracesLink({ ...within, status: "error" })}>{formatCount(all.failed)}</Link>
          ) : (
            0
          )}
        </Fact>
        <Fact label="Generations">{formatCount(all.generations)}</Fact>
        <Fact label="Coverage">{formatShare(all.coverage)}</Fact>
        <Fact label="Longest span (characters)">
          {all.longest_span ? (
            <Link {...tracesLink({ ...within, min_longest_span: all.longest_span })}>
              {formatCount(all.longest_span)}
            </Link>
          ) : (
            formatCount(all.longest_span)
          )}
        </Fact>
        <Fact label="Input tokens">{formatCount(all.input_tokens)}</Fact>
        <Fact label="Output tokens">{formatCount(all.output_tokens)}</Fact>
        <Fact label={all.cost_is_partial ? "Cost (part of it unknown)" : "Cost"}>{formatCost(all.cost)}</Fact>
      </Facts>
    </Panel>
  );
}
