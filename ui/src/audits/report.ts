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

export const CURVES = [
  "novelty",
  "tail",
  "share_tail",
  "coverage",
  "uniqueness",
  "suffix_histogram",
] as const;
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
  /** What could not be measured, or was left out. */
  notes: string[];
  limits: string[];
  variants: Variant[];
  rates: Rate[];
  /** What a model gave back of its training data: prompt and continuation. */
  given: Attempt[];
  /** Documents that hold items of a benchmark, by index. */
  holders: { index: string; file: string; documents: number | null }[];
}

export const VERDICTS = ["clean", "suspicious", "dirty", "short"] as const;
export type Verdict = (typeof VERDICTS)[number];

/** A rule by which items of a benchmark were judged. */
export interface Variant {
  name: string;
  rule: string;
  items: Record<Verdict, number>;
  /** Mean scores of all items and of those of a verdict; null: no scores were given. */
  scores: Record<"all" | Verdict, Measured> | null;
}

/** How many sequences of a class a model gave back, prompted with so many tokens. */
export interface Rate {
  /** How often the sequences stand in the corpus; empty: held-out text, which does not. */
  duplicates: string;
  /** The place of the class on an axis: held-out text is 0. */
  least: number;
  prefix: number;
  sequences: number | null;
  verbatim: Value;
  sampled: Value;
  approximate: Value;
}

export interface Attempt {
  index: string;
  document: string;
  duplicates: number | null;
  prompt: string;
  given: string;
}

/** The name of what stands beside the value, in each curve. */
const X: Record<CurveName, [x: string, y: string]> = {
  novelty: ["n", "value"],
  tail: ["characters", "share"],
  share_tail: ["percent", "outputs"],
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
    parameters: Object.entries(record(read.parameters)).map(([name, value]) => [name, told(value)]),
    counts: Object.entries(record(read.counts)).flatMap(([name, value]) => counted(name, value)),
    overall: group(read.overall),
    baseline: group(read.baseline),
    differences: records(read.differences).map((one) => ({ name: text(one.measure), ...measured(one) })),
    groups: Object.entries(record(read.groups)).map(([field, groups]) => ({
      field,
      groups: list(groups).flatMap((one) => group(one) ?? []),
    })),
    worst: records(read.worst).flatMap((one) => (isRecord(one.texts) ? itemTexts(one) : worstCase(one))),
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
    notes: list(read.notes).map(text).filter(Boolean),
    limits: list(read.limits).map(text).filter(Boolean),
    variants: records(read.variants).map(variant),
    rates: records(read.rates).flatMap(rate),
    given: text(read.kind) === "extraction" ? records(read.worst).map(attempt) : [],
    holders: records(read.documents).map((one) => ({
      index: text(one.index),
      file: text(one.file),
      documents: number(one.documents),
    })),
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
      share_tail: curve({ share_tail: records(curves.share_tail).map(inPercent) }, "share_tail"),
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

function inPercent(one: Record<string, unknown>): Record<string, unknown> {
  const share = number(one.share);
  return { ...one, percent: share === null ? null : Number((100 * share).toPrecision(6)) };
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
    passages: records(one.passages).flatMap((passage) => worstPassage(passage, records(passage.documents))),
    longest: number(one.longest),
    coverage: number(one.coverage),
  };
}

function worstPassage(one: Record<string, unknown>, places: Record<string, unknown>[]): WorstPassage[] {
  const [start, end] = [number(one.start), number(one.end)];
  if (start === null || end === null || start < 0 || end <= start) return [];
  const documents = places.map((each) => ({
    index: text(each.index),
    id: text(each.id) || text(each.document_id),
  }));
  return [{ start, end, count: number(one.count), documents }];
}

/** An item of a benchmark: a case for each of its texts of which something was found. */
function itemTexts(item: Record<string, unknown>): WorstCase[] {
  return Object.entries(record(item.texts)).flatMap(([role, raw]) => {
    const one = record(raw);
    const words = text(one.text);
    const length = [...words].length;
    const passages = records(one.evidence)
      .flatMap((each) => worstPassage(each, records(each.places)))
      .filter(({ start }) => start < length);
    return words
      ? [
          {
            id: `${written(item.id)} (${role})`,
            line: number(item.line),
            text: words,
            prompt: "",
            passages,
            longest: number(one.longest),
            coverage: null,
          },
        ]
      : [];
  });
}

function variant(one: Record<string, unknown>): Variant {
  const items = record(one.items);
  const scores = isRecord(one.scores) ? one.scores : null;
  const score = (name: "all" | Verdict) => ({ name, ...measured(record(scores?.[name])) });
  return {
    name: text(one.name),
    rule: text(one.rule),
    items: {
      clean: number(items.clean) ?? 0,
      suspicious: number(items.suspicious) ?? 0,
      dirty: number(items.dirty) ?? 0,
      short: number(items.short) ?? 0,
    },
    scores: scores && {
      all: score("all"),
      clean: score("clean"),
      suspicious: score("suspicious"),
      dirty: score("dirty"),
      short: score("short"),
    },
  };
}

function rate(one: Record<string, unknown>): Rate[] {
  const prefix = number(one.prefix);
  if (prefix === null) return [];
  return [
    {
      duplicates: text(one.duplicates),
      least: number(one.least_duplicates) ?? 0,
      prefix,
      sequences: number(one.sequences),
      verbatim: measured(record(one.verbatim)),
      sampled: measured(record(one.sampled_verbatim)),
      approximate: measured(record(one.approximate)),
    },
  ];
}

function attempt(one: Record<string, unknown>): Attempt {
  return {
    index: text(one.index),
    document: text(one.document),
    duplicates: number(one.duplicates),
    prompt: text(one.prompt),
    given: text(one.given),
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

/** A value of a parameter: lists and the like as people write them. */
function told(value: unknown): string {
  if (Array.isArray(value)) return value.map(told).join(", ");
  if (typeof value === "boolean") return value ? "yes" : "no";
  if (!isRecord(value)) return written(value);
  return Object.entries(value)
    .map(([name, one]) => `${name}: ${told(one)}`)
    .join(", ");
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
