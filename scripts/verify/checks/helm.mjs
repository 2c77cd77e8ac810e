/** deploy/helm/federation-agent: linted, tested, rendered for every way to install it, and rolled out. */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { refusalOfAgent } from '../helm/agent-accepts.mjs';
import { chart, installations, objectsOf, render } from '../helm/chart.mjs';
import { withCluster } from '../helm/cluster.mjs';
import { rollout } from '../helm/rollout.mjs';

/** The oldest Kubernetes that the chart is checked against, and the newest. */
const kubernetesVersions = ['1.28', '1.36'];

/** Values that are wrong, and what helm must say of them. @type {readonly (readonly [string, RegExp])[]} */
const wrongValues = [
  ['persistance.enabled=true', /at '': additional properties 'persistance' not allowed/],
  ['persistence.sizes=1Gi', /at '\/persistence': additional properties 'sizes' not allowed/],
  ['metrics.enabled=yes', /at '\/metrics\/enabled': got string, want boolean/],
  ['kubernetes.deployment.resources=1Gi', /at '\/kubernetes\/deployment\/resources': got string, want /],
  ['mode=cluster', /at '\/mode': value must be one of 'standalone', 'distributed'/],
  ['broker.url=nats.example.com', /at '\/broker\/url': 'nats.example.com' does not match pattern/],
];

/** @type {import('./types.d.ts').Check[]} */
export const checks = [
  {
    name: 'helm: lint, with every values file',
    needs: ['helm'],
    run: async (context) => {
      const ways = Object.values(await installations(context));
      for (const options of [[], ...ways.map((way) => way.options)])
        await context.must(context.tool('helm'), ['lint', '--strict', '--quiet', chart, ...options]);
      return `${ways.length} files and the defaults`;
    },
  },
  {
    name: "helm: the chart's own suites",
    needs: ['helm-unittest'],
    run: async ({ must, tool }) => {
      // With `./` before it: for a bare folder helm-unittest finds no suites, and passes.
      const said = await must(tool('helm-unittest'), [`./${chart}`]);
      const counts = /Tests: +(\d+) passed/.exec(said);
      if (counts === null || counts[1] === '0') throw new Error(`helm-unittest ran no test:\n${said}`);
      return `${counts[1]} tests`;
    },
  },
  {
    name: 'helm: README.md and the version are those of the sources',
    needs: ['helm-docs'],
    run: async ({ checkout, must, tool }) => {
      const made = await must(tool('helm-docs'), ['--chart-search-root', 'deploy/helm', '--dry-run']);
      if (made !== (await readFile(join(checkout, chart, 'README.md'), 'utf8')))
        throw new Error(`${chart}/README.md is stale: helm-docs --chart-search-root deploy/helm`);
      const { version } = JSON.parse(await readFile(join(checkout, 'package.json'), 'utf8'));
      const about = await readFile(join(checkout, chart, 'Chart.yaml'), 'utf8');
      if (!about.includes(`\nappVersion: ${version}\n`))
        throw new Error(`${chart}/Chart.yaml: appVersion is not ${version}, as package.json has it`);
      return undefined;
    },
  },
  {
    name: 'helm: what is rendered is valid Kubernetes',
    needs: ['helm', 'kubernetes-validate'],
    run: async (context) => {
      const ways = Object.entries(await installations(context));
      for (const version of kubernetesVersions) {
        const files = [];
        for (const [name, installation] of ways) {
          const file = join(context.scratch, `${name.replaceAll(' ', '-')}-${version}.yaml`);
          await writeFile(file, await render(context, installation, ['--kube-version', `${version}.0`]));
          files.push(file);
        }
        const args = ['--strict', '--kubernetes-version', version, ...files];
        const { code, stdout, stderr } = await context.run(context.tool('kubernetes-validate'), args);
        const said = `${stdout}${stderr}`.split('\n');
        // It has no schemas of the Prometheus operator. Anything else that it does not know was not checked.
        const bad = said.filter(
          (line) => /^(ERROR|WARN)/.test(line) && !/monitoring\.coreos\.com/.test(line),
        );
        if (code !== 0 || bad.length > 0) throw new Error(`Kubernetes ${version}:\n${said.join('\n')}`);
      }
      return `${ways.length} ways to install it, for ${kubernetesVersions.join(' and ')}`;
    },
  },
  {
    name: 'helm: the agent accepts every gravitee.yml',
    needs: ['helm'],
    run: async (context) => {
      const refusals = [];
      const ways = Object.entries(await installations(context));
      for (const [name, way] of ways) refusals.push(await refusalOfAgent(context, name, way));
      const refused = refusals.filter((refusal) => refusal !== undefined);
      if (refused.length > 0) throw new Error(refused.join('\n'));
      return `${ways.length} of them`;
    },
  },
  {
    name: 'helm: wrong values are refused with a word on each',
    needs: ['helm'],
    run: async ({ run, tool }) => {
      for (const [value, expected] of wrongValues) {
        const { code, stderr } = await run(tool('helm'), ['template', 'x', chart, '--set', value]);
        if (code === 0 || !expected.test(stderr)) throw new Error(`${value}: ended with ${code}:\n${stderr}`);
      }
      return `${wrongValues.length} of them`;
    },
  },
  {
    name: 'helm: releases in one namespace share no name',
    needs: ['helm'],
    run: async (context) => {
      /** @type {Map<string, string>} */
      const owners = new Map();
      const ways = Object.entries(await installations(context));
      for (const [way, { options }] of ways) {
        for (const release of [`one-${way.replaceAll(' ', '-')}`, `two-${way.replaceAll(' ', '-')}`]) {
          for (const { kind, metadata } of objectsOf(await render(context, { release, options }))) {
            const object = `${kind}/${metadata.name}`;
            const owner = owners.get(object);
            if (owner !== undefined && owner !== release)
              throw new Error(`${owner} and ${release} both have ${object}`);
            owners.set(object, release);
          }
        }
      }
      return `${ways.length * 2} releases, ${owners.size} objects`;
    },
  },
  {
    name: 'helm: a cluster installs, upgrades and rolls back',
    needs: ['helm', 'kubectl', 'k8s-cluster'],
    slow: true,
    alone: true,
    run: (context) => withCluster(context, (env) => rollout(context, env)),
  },
];
