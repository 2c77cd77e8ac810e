/** `docs/metrics.md`: all our metrics, from the data that they are made from. */
import { glob } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { MetricSpec } from '@federation-agent/base';
import { format, table } from './markdown.ts';

interface Room {
  /** Such as `services/gateway-link`. */
  readonly name: string;
  readonly specs: readonly MetricSpec[];
}

/** The exports of each file with metrics; such files are called `metrics.ts` or `<area>-metrics.ts`. */
export async function metricRooms(checkout: string): Promise<readonly Room[]> {
  const paths: string[] = [];
  for await (const path of glob('{libs,services}/*/src/**/{metrics,*-metrics}.ts', { cwd: checkout })) {
    paths.push(path.replaceAll('\\', '/'));
  }
  const rooms = new Map<string, MetricSpec[]>();
  for (const path of paths.sort()) {
    const exported = (await import(pathToFileURL(join(checkout, path)).href)) as Record<string, unknown>;
    const specs = Object.values(exported).flatMap(specsIn);
    const name = path.split('/').slice(0, 2).join('/');
    if (specs.length > 0) rooms.set(name, [...(rooms.get(name) ?? []), ...specs]);
  }
  return [...rooms].map(([name, specs]) => ({ name, specs }));
}

/** The text of `docs/metrics.md`. */
export async function metricsDocument(checkout: string): Promise<string> {
  const parts = (await metricRooms(checkout)).map(({ name, specs }) => {
    const rows = specs.map(({ name: metric, type, labels = [], help, buckets }) => [
      `\`${metric}\``,
      type,
      labels.map((label) => `\`${label}\``).join(', '),
      buckets ? `${help}. Buckets: ${buckets.join(', ')}` : help,
    ]);
    return `## ${name}\n\n${table(['Metric', 'Type', 'Labels', 'What it says'], rows)}\n`;
  });
  return format(`# Metrics

Made from the metrics by \`npm run docs\`; a test fails when it is stale.

The agent serves them in the form of Prometheus when \`services.metrics.enabled\` and
\`services.metrics.prometheus.enabled\` are true: at \`/metrics\` without a password, and at \`/_node/metrics/prometheus\`
with the password of the node API. There are also \`process_*\` and \`nodejs_*\`, the metrics of the process itself.

${parts.join('\n')}`);
}

/** The specs in an export that has only specs. */
function specsIn(value: unknown): readonly MetricSpec[] {
  if (typeof value !== 'object' || value === null) return [];
  const specs: unknown[] = Object.values(value);
  return specs.every(isSpec) ? specs : [];
}

function isSpec(value: unknown): value is MetricSpec {
  return typeof value === 'object' && value !== null && 'type' in value && 'name' in value && 'help' in value;
}
