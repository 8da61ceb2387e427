import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';

/** Every label with all of its values: what is not in the set is counted as `other`, so that cardinality is bounded by the declaration. */
type LabelSets = Readonly<Record<string, readonly string[] | FirstOf>>;
type LabelsOf<Sets extends LabelSets> = {
  readonly [Label in keyof Sets]: Sets[Label] extends readonly string[] ? Sets[Label][number] | 'other' : string;
};

/** For values that clients choose: the first so many that come are told apart. */
type FirstOf = { readonly first: number };
type Declaration<Sets extends LabelSets> = {
  /** Begins with `tributary_`, ends with its unit (`_seconds`, `_bytes`) or `_total`. https://prometheus.io/docs/practices/naming/ */
  readonly name: string;
  readonly help: string;
  readonly labels?: Sets;
};

const registry = new Registry();

/** Everything declared in this process, in the Prometheus text format. */
export const metricsText = (): Promise<string> => registry.metrics();
export const metricsContentType: string = registry.contentType;

/** Counts up. Declare it once, at the top of the file that counts. */
export function counter<const Sets extends LabelSets = Record<never, never>>(
  declaration: Declaration<Sets>,
): { add(labels: LabelsOf<Sets>, by?: number): void } {
  const metric = new Counter({ ...checked(declaration), registers: [registry] });
  const bounded = bounder(declaration.labels);
  return { add: (labels, by = 1) => metric.inc(bounded(labels), by) };
}

/** Distribution of durations (seconds) or sizes. `buckets` are upper bounds, ascending. */
export function histogram<const Sets extends LabelSets = Record<never, never>>(
  declaration: Declaration<Sets> & { readonly buckets: readonly number[] },
): { observe(labels: LabelsOf<Sets>, value: number): void } {
  const metric = new Histogram({ ...checked(declaration), buckets: [...declaration.buckets], registers: [registry] });
  const bounded = bounder(declaration.labels);
  return { observe: (labels, value) => metric.observe(bounded(labels), value) };
}

/**
 * A value that goes up and down. It is asked for when somebody scrapes: `track` adds a reader and answers how to remove it.
 * Readers of the same labels add up.
 */
export function gauge<const Sets extends LabelSets = Record<never, never>>(
  declaration: Declaration<Sets>,
): { track(labels: LabelsOf<Sets>, read: () => number): () => void } {
  const readers = new Set<{ labels: Record<string, string>; read: () => number }>();
  const metric = new Gauge({ ...checked(declaration), registers: [registry], collect });
  const bounded = bounder(declaration.labels);
  function collect(): void {
    metric.reset();
    for (const { labels, read } of readers) metric.inc(labels, read());
  }
  return {
    track(labels, read) {
      const reader = { labels: bounded(labels), read };
      readers.add(reader);
      return () => void readers.delete(reader);
    },
  };
}

let collectsRuntime = false;

/** Adds memory, CPU, event loop and garbage collection of this process. The second call does nothing. */
export function collectRuntimeMetrics(): void {
  if (collectsRuntime) return;
  collectsRuntime = true;
  collectDefaultMetrics({ register: registry });
}

/** A label that grows with use would grow the memory of every scraper; logs and spans are where names belong. */
const unbounded = /^(workspace|cluster|account|path|namespace|name|user|uid|token|url|stream)$/;

function checked({ name, help, labels = {} as never }: Declaration<LabelSets>): { name: string; help: string; labelNames: string[] } {
  const labelNames = Object.keys(labels);
  const bad = labelNames.find((label) => unbounded.test(label));
  if (!/^tributary_[a-z0-9_]+$/.test(name)) throw new Error(`metric ${name} does not begin with tributary_`);
  if (bad !== undefined) throw new Error(`metric ${name} may not have the label ${bad}: its values are not bounded`);
  return { name, help, labelNames };
}

function bounder<Sets extends LabelSets>(sets: Sets | undefined): (labels: LabelsOf<Sets>) => Record<string, string> {
  const known = Object.entries(sets ?? {}).map(
    ([label, values]) => [label, 'first' in values ? firstOf(values) : memberOf(values)] as const,
  );
  return (labels) => {
    const bounded: Record<string, string> = {};
    for (const [label, isKnown] of known) {
      const value: string = labels[label as keyof Sets];
      bounded[label] = isKnown(value) ? value : 'other';
    }
    return bounded;
  };
}

function memberOf(values: readonly string[]): (value: string) => boolean {
  const members = new Set(values);
  return (value) => members.has(value);
}

const labelLettersMax = 64;

function firstOf({ first }: FirstOf): (value: string) => boolean {
  const members = new Set<string>();
  return (value) => {
    if (members.has(value)) return true;
    if (members.size >= first || value.length > labelLettersMax) return false;
    members.add(value);
    return true;
  };
}
