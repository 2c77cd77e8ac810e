/** What the Prometheus operator makes from deploy/k8s: the right targets with the right labels, and valid rules. */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { agentsOf, matches } from './objects.mjs';
import { waysOf } from './ways.mjs';

/** @typedef {import('../checks/types.d.ts').Context} Context */

/** The labels that the operator gives every target. */
const operatorLabels = ['namespace', 'service', 'pod', 'container', 'endpoint', 'node', 'instance', 'job'];

/** @param {string} checkout @returns {Promise<Set<string>>} labels of the agent's metrics */
const metricLabels = async (checkout) => {
  const text = await readFile(join(checkout, 'docs/metrics.md'), 'utf8');
  const cells = [...text.matchAll(/^\| `federation_\w+` *\| \w+ *\| ([^|]*)\|/gm)].map(
    ([, labels = '']) => labels,
  );
  return new Set(cells.flatMap((cell) => [...cell.matchAll(/`(\w+)`/g)].map(([, label = '']) => label)));
};

/** @param {Context} context @returns {Promise<string>} */
export const checkMonitoring = async (context) => {
  const { checkout, scratch, must, tool } = context;
  const labels = await metricLabels(checkout);
  if (!labels.has('service')) throw new Error('docs/metrics.md has another form than expected here');
  const seen = [];
  for (const [name, { components, objects }] of Object.entries(await waysOf(context))) {
    if (!components.includes('prometheus-operator')) continue;
    const monitor = objects.find(({ kind }) => kind === 'ServiceMonitor');
    const [endpoint] = monitor.spec.endpoints;
    const agents = agentsOf(objects);
    const services = objects.filter(
      ({ kind, metadata }) =>
        kind === 'Service' && matches(monitor.spec.selector.matchLabels, metadata.labels ?? {}),
    );
    if (
      !services.every(({ spec }) =>
        spec.ports.some((/** @type {any} */ { name: port }) => port === endpoint.port),
      )
    )
      throw new Error(`${name}: a Service has no port ${endpoint.port}`);
    const [found, wanted] = [services, agents].map((list) =>
      list
        .map(({ metadata }) => metadata.name)
        .sort()
        .join(),
    );
    if (found !== wanted) throw new Error(`${name}: scraped are ${found}, and should be ${wanted}`);
    const dropped = endpoint.relabelings.map((/** @type {any} */ { regex }) => regex);
    const pushed = operatorLabels.filter((label) => labels.has(label) && !dropped.includes(label));
    if (pushed.length > 0)
      throw new Error(`the operator's label ${pushed.join()} pushes the metrics' own aside`);

    const { spec } = objects.find(({ kind }) => kind === 'PrometheusRule');
    const file = join(scratch, 'rules.yml');
    await writeFile(file, stringify({ groups: spec.groups }));
    const said = await must(tool('promtool'), ['check', 'rules', file]);
    const rules = /SUCCESS: (\d+) rules found/.exec(said)?.[1];
    if (rules === undefined) throw new Error(`promtool found no rules:\n${said}`);
    seen.push(`${wanted}: ${rules} rules`);
  }
  return [...new Set(seen)].join('; ');
};
