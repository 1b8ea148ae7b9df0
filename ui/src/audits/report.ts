/**
 * A report of an audit, read from the file that it stands in. What is missing is empty or null, what is of another kind
 * than it should be is missing: a report may come from another version.
 */

export interface Value {
  value: number | null;
  low: number | null;
  high: number | null;
}

export interface Measured extends Value {
  name: string;
  /** Over how many outputs; null: the report does not say. */
  n: number | null;
}

export interface Point extends Value {
  x: number;
}

export const CURVES = ["novelty", "tail", "coverage", "uniqueness", "suffix_histogram"] as const;
export type CurveName = (typeof CURVES)[number];

export interface Group {
  name: string;
  outputs: number | null;
  measures: Measured[];
  curves: Record<CurveName, Point[]>;
}

export interface MatchedDocument {
  index: string;
  id: string;
}

export interface WorstPassage {
  /** Code points of the text, half-open. */
  start: number;
  end: number;
  count: number | null;
  documents: MatchedDocument[];
}

export interface WorstCase {
  id: string;
  line: number | null;
  text: string;
  prompt: string;
  passages: WorstPassage[];
  longest: number | null;
  coverage: number | null;
}

export interface Source {
  value: string;
  documents: number | null;
  characters: number | null;
}

export interface Report {
  kind: string;
  created: string;
  command: string;
  indexes: { name: string; version: string; documents: number | null; tokens: number | null }[];
  parameters: [string, string][];
  counts: [string, number][];
  overall: Group | null;
  baseline: Group | null;
  differences: Measured[];
  groups: { field: string; groups: Group[] }[];
  worst: WorstCase[];
  sources: { field: string; sources: Source[] }[];
  findings: { kind: string; count: number | null; outputs: number | null }[];
  limits: string[];
}

/** The name of what stands beside the value, in each curve. */
const X: Record<CurveName, [x: string, y: string]> = {
  novelty: ["n", "value"],
  tail: ["characters", "share"],
  coverage: ["threshold", "value"],
  uniqueness: ["l", "value"],
  suffix_histogram: ["tokens", "positions"],
};

export function readReport(raw: unknown): Report {
  const read = record(raw);
  return {
    kind: text(read.kind),
    created: text(read.created),
    command: text(read.command),
    indexes: records(read.indexes).map((one) => ({
      name: text(one.name),
      version: text(one.version),
      documents: number(one.documents),
      tokens: number(one.tokens),
    })),
    parameters: Object.entries(record(read.parameters)).map(([name, value]) => [name, written(value)]),
    counts: Object.entries(record(read.counts)).flatMap(([name, value]) => counted(name, value)),
    overall: group(read.overall),
    baseline: group(read.baseline),
    differences: records(read.differences).map((one) => ({ name: text(one.measure), ...measured(one) })),
    groups: Object.entries(record(read.groups)).map(([field, groups]) => ({
      field,
      groups: list(groups).flatMap((one) => group(one) ?? []),
    })),
    worst: records(read.worst).map(worstCase),
    sources: Object.entries(record(read.sources)).map(([field, sources]) => ({
      field,
      sources: records(sources).map((one) => ({
        value: written(one.value),
        documents: number(one.documents),
        characters: number(one.characters),
      })),
    })),
    findings: records(read.findings).map((one) => ({
      kind: text(one.kind),
      count: number(one.count),
      outputs: number(one.outputs),
    })),
    limits: list(read.limits).map(text).filter(Boolean),
  };
}

function group(raw: unknown): Group | null {
  if (!isRecord(raw)) return null;
  const curves = record(raw.curves);
  return {
    name: text(raw.name),
    outputs: number(raw.outputs),
    measures: Object.entries(record(raw.measures)).map(([name, one]) => ({ name, ...measured(record(one)) })),
    curves: {
      novelty: curve(curves, "novelty"),
      tail: curve(curves, "tail"),
      coverage: curve(curves, "coverage"),
      uniqueness: curve(curves, "uniqueness"),
      suffix_histogram: shares(curve(curves, "suffix_histogram")),
    },
  };
}

function measured(one: Record<string, unknown>) {
  return { value: number(one.value), low: number(one.low), high: number(one.high), n: number(one.n) };
}

function curve(curves: Record<string, unknown>, name: CurveName): Point[] {
  const [xName, yName] = X[name];
  return records(curves[name])
    .flatMap((one) => {
      const x = number(one[xName]);
      return x === null ? [] : { x, value: number(one[yName]), low: number(one.low), high: number(one.high) };
    })
    .sort((one, other) => one.x - other.x);
}

/** Numbers of places as shares of all, so that groups of different sizes can be compared. */
function shares(points: Point[]): Point[] {
  const all = points.reduce((sum, { value }) => sum + (value ?? 0), 0);
  return all ? points.map((one) => ({ ...one, value: one.value === null ? null : one.value / all })) : [];
}

function worstCase(one: Record<string, unknown>): WorstCase {
  return {
    id: written(one.id),
    line: number(one.line),
    text: text(one.text),
    prompt: text(one.prompt),
    passages: records(one.passages).flatMap((passage) => {
      const [start, end] = [number(passage.start), number(passage.end)];
      if (start === null || end === null || start < 0 || end <= start) return [];
      const documents = records(passage.documents).map((each) => ({
        index: text(each.index),
        id: text(each.id),
      }));
      return { start, end, count: number(passage.count), documents };
    }),
    longest: number(one.longest),
    coverage: number(one.coverage),
  };
}

/** Counts by threshold are one each. */
function counted(name: string, value: unknown): [string, number][] {
  const own = number(value);
  if (own !== null) return [[name, own]];
  return Object.entries(record(value)).flatMap(([part, one]) => {
    const read = number(one);
    return read === null ? [] : [[`${name} (${part})`, read] as [string, number]];
  });
}

function written(value: unknown): string {
  if (typeof value === "string") return value;
  return value === undefined || value === null ? "" : JSON.stringify(value);
}

function text(value: unknown): string {
  return typeof value === "string" ? value : "";
}

function number(value: unknown): number | null {
  return typeof value === "number" && Number.isFinite(value) ? value : null;
}

function list(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [];
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function record(value: unknown): Record<string, unknown> {
  return isRecord(value) ? value : {};
}

function records(value: unknown): Record<string, unknown>[] {
  return list(value).filter(isRecord);
}
