/** Metrics as data: the reference is generated from them, and their keys are typed. */
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
  /** The buckets name the last trace that fell into them, when the scraper asks for OpenMetrics. */
  readonly exemplars?: boolean;
  /**
   * Label values of a counter that start at 0. Prometheus sees no rise in a counter that starts with its first event.
   * When these are all labels, they start at once; otherwise `countFromZero` starts them when the other labels are
   * known.
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

/** Makes the metrics in the registry. A metric that already exists under its name is reused. */
export function defineMetrics<const Specs extends MetricSpecs>(
  registry: Registry,
  specs: Specs,
): Metrics<Specs> {
  // `fromEntries` loses the type of each key; `Metrics` states it again.
  return Object.fromEntries(
    Object.entries(specs).map(([key, spec]) => [
      key,
      registry.getSingleMetric(spec.name) ?? make(registry, spec),
    ]),
  ) as unknown as Metrics<Specs>;
}

/** Starts the counters of a metric at 0: each of its `zeros`, with the labels that are known by now. */
export function countFromZero<S extends MetricSpec>(
  counter: Counter<LabelOf<S>>,
  { zeros = {} }: S,
  known: Readonly<Partial<Record<LabelOf<S>, string>>>,
): void {
  let all = [{ ...known } as Record<string, string>];
  for (const [label, values] of Object.entries(zeros)) {
    all = all.flatMap((labels) => values.map((value) => ({ ...labels, [label]: value })));
  }
  // Every label has a value now; the type of the labels cannot express that.
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
