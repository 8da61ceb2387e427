import { collectDefaultMetrics, Gauge, Registry, type Metric } from 'prom-client';
import { CounterTally, HistogramTally, LabelPlaces, type LabelSets, type LabelsOf, type Sample } from './tallies.ts';

type Declaration<Sets extends LabelSets> = {
  /**
   * Begins with `tributary_`, or `apiserver_` where upstream counts the same; ends with its unit (`_seconds`, `_bytes`) or `_total`.
   * https://prometheus.io/docs/practices/naming/
   */
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
  const tally = new CounterTally(declaration.labels);
  register(declaration, 'counter', () => tally.samples());
  return { add: (labels, by = 1) => tally.add(labels, by) };
}

/** Distribution of durations (seconds) or sizes. `buckets` are upper bounds, ascending. */
export function histogram<const Sets extends LabelSets = Record<never, never>>(
  declaration: Declaration<Sets> & { readonly buckets: readonly number[] },
): { observe(labels: LabelsOf<Sets>, value: number): void } {
  const tally = new HistogramTally(declaration.labels, declaration.buckets);
  register(declaration, 'histogram', () => tally.samples(declaration.name));
  return { observe: (labels, value) => tally.observe(labels, value) };
}

/**
 * A value that goes up and down. It is asked for when somebody scrapes: `track` adds a reader and answers how to remove it.
 * Readers of the same labels add up; one that fails is left out.
 */
export function gauge<const Sets extends LabelSets = Record<never, never>>(
  declaration: Declaration<Sets>,
): { track(labels: LabelsOf<Sets>, read: () => number | Promise<number>): () => void } {
  const places = new LabelPlaces(declaration.labels);
  const readers = new Set<{ readonly labels: Record<string, string>; readonly read: () => number | Promise<number> }>();
  const metric = new Gauge({ ...checked(declaration), registers: [registry], collect });
  async function collect(): Promise<void> {
    const read = await Promise.allSettled([...readers].map(async (reader) => ({ labels: reader.labels, value: await reader.read() })));
    metric.reset();
    for (const outcome of read) if (outcome.status === 'fulfilled') metric.inc(outcome.value.labels, outcome.value.value);
  }
  return {
    track(labels, read) {
      const reader = { labels: places.labelsOf(places.placeOf(labels)), read };
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

/** The registry asks its metrics for nothing but this: what is counted in plain variables is laid out when somebody scrapes. */
function register(declaration: Declaration<LabelSets>, type: 'counter' | 'histogram', samples: () => Sample[]): void {
  const { name, help } = checked(declaration);
  const metric = { name, help, type, get: () => Promise.resolve({ name, help, type, values: samples(), aggregator: 'sum' }) };
  registry.registerMetric(metric as unknown as Metric);
}

/** A label that grows with use would grow the memory of every scraper; logs and spans are where names belong. */
const unbounded = /^(workspace|cluster|account|path|namespace|name|user|uid|token|url|stream)$/;

function checked({ name, help, labels = {} as never }: Declaration<LabelSets>): { name: string; help: string; labelNames: string[] } {
  const labelNames = Object.keys(labels);
  const bad = labelNames.find((label) => unbounded.test(label));
  if (!/^(tributary|apiserver)_[a-z0-9_]+$/.test(name))
    throw new Error(`metric ${name} begins neither with tributary_ nor with apiserver_`);
  if (bad !== undefined) throw new Error(`metric ${name} may not have the label ${bad}: its values are not bounded`);
  return { name, help, labelNames };
}
