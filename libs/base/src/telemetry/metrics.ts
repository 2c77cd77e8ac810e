/** Metrics as data, so that the reference is generated from the code, and typed by their key. */
import { Counter, Gauge, Histogram, type Registry } from 'prom-client';
import { withExemplars } from './exemplars.ts';

export interface MetricSpec {
  readonly type: 'counter' | 'gauge' | 'histogram';
  /** `federation_<area>_<what>[_total|_seconds|_bytes]` */
  readonly name: string;
  readonly help: string;
  readonly labels?: readonly string[];
  /** Upper bounds of a histogram. */
  readonly buckets?: readonly number[];
  /** A histogram whose buckets name the last trace that fell into them, where the scraper asks for OpenMetrics. */
  readonly exemplars?: boolean;
  /**
   * Label values of a counter that are counted from 0, since Prometheus sees no rise in a counter that begins with its
   * first event. Those of all labels: from the start. Else by `countFromZero`, when the others are known.
   */
  readonly zeros?: Readonly<Record<string, readonly string[]>>;
}

export type MetricSpecs = Readonly<Record<string, MetricSpec>>;

type LabelOf<S extends MetricSpec> = S extends { readonly labels: readonly (infer L extends string)[] }
  ? L
  : never;

export type MetricOf<S extends MetricSpec> = S['type'] extends 'counter'
  ? Counter<LabelOf<S>>
  : S['type'] extends 'gauge'
    ? Gauge<LabelOf<S>>
    : Histogram<LabelOf<S>>;

export type Metrics<Specs extends MetricSpecs> = { readonly [Key in keyof Specs]: MetricOf<Specs[Key]> };

/** Makes the metrics in the registry; one that is there already under its name is the same one. */
export function defineMetrics<const Specs extends MetricSpecs>(
  registry: Registry,
  specs: Specs,
): Metrics<Specs> {
  // `fromEntries` forgets which key has which type; `Metrics` says it again.
  return Object.fromEntries(
    Object.entries(specs).map(([key, spec]) => [
      key,
      registry.getSingleMetric(spec.name) ?? make(registry, spec),
    ]),
  ) as unknown as Metrics<Specs>;
}

/** Begins the counters of a metric at 0: each of its `zeros`, with the labels that are known by now. */
export function countFromZero<S extends MetricSpec>(
  counter: Counter<LabelOf<S>>,
  { zeros = {} }: S,
  known: Readonly<Partial<Record<LabelOf<S>, string>>>,
): void {
  let all = [{ ...known } as Record<string, string>];
  for (const [label, values] of Object.entries(zeros)) {
    all = all.flatMap((labels) => values.map((value) => ({ ...labels, [label]: value })));
  }
  // Every label has a value by now, which the type of the labels cannot say.
  for (const labels of all) counter.inc(labels as Record<LabelOf<S>, string>, 0);
}

function make(registry: Registry, spec: MetricSpec) {
  const { type, name, help, labels = [], buckets, exemplars, zeros = {} } = spec;
  const options = { name, help, labelNames: [...labels], registers: [registry] };
  switch (type) {
    case 'counter': {
      const counter = new Counter(options);
      if (labels.length > 0 && labels.every((label) => label in zeros)) countFromZero(counter, spec, {});
      return counter;
    }
    case 'gauge':
      return new Gauge(options);
    case 'histogram': {
      const all = { ...options, ...(buckets && { buckets: [...buckets] }) };
      return exemplars === true ? withExemplars(all) : new Histogram(all);
    }
  }
}
