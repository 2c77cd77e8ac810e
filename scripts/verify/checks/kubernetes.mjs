/** deploy/k8s: built, checked against schemas and rules, read by the programs that run in it, and rolled out. */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { withCluster } from '../helm/cluster.mjs';
import { natsAccepts, servicesAccept } from '../k8s/accepts.mjs';
import { checkSecrets } from '../k8s/check-secrets.mjs';
import { checkMonitoring } from '../k8s/monitoring.mjs';
import { namespace } from '../k8s/objects.mjs';
import { looseEnds, otherVersions } from '../k8s/references.mjs';
import { rollout } from '../k8s/rollout.mjs';
import { score } from '../k8s/score.mjs';
import { wrongTraffic } from '../k8s/traffic.mjs';
import { waysOf } from '../k8s/ways.mjs';

/** The oldest Kubernetes that the manifests are checked against, and the newest. */
const kubernetesVersions = ['1.28', '1.36'];

/** There are no schemas for these: the Prometheus operator's and KEDA's. */
const operators = /monitoring\.coreos\.com|keda\.sh/;

/** @type {import('./types.d.ts').Check[]} */
export const checks = [
  {
    name: 'k8s: each overlay and component builds, and leads somewhere',
    needs: ['kubectl'],
    run: async (context) => {
      const ways = Object.entries(await waysOf(context));
      const { version } = JSON.parse(await readFile(join(context.checkout, 'package.json'), 'utf8'));
      const wrong = ways.flatMap(([name, { objects }]) =>
        [...looseEnds(objects, namespace), ...otherVersions(objects, version)].map(
          (line) => `${name}: ${line}`,
        ),
      );
      if (wrong.length > 0) throw new Error(wrong.join('\n'));
      return `${ways.length} ways to install it`;
    },
  },
  {
    name: 'k8s: what is built is valid Kubernetes',
    needs: ['kubectl', 'kubernetes-validate'],
    run: async (context) => {
      const files = [];
      for (const [name, { text }] of Object.entries(await waysOf(context))) {
        const file = join(context.scratch, `${name.replaceAll(' ', '-')}.yaml`);
        await writeFile(file, text);
        files.push(file);
      }
      for (const version of kubernetesVersions) {
        const args = ['--strict', '--kubernetes-version', version, ...files];
        const { code, stdout, stderr } = await context.run(context.tool('kubernetes-validate'), args);
        const said = `${stdout}${stderr}`.split('\n');
        const bad = said.filter((line) => /^(ERROR|WARN)/.test(line) && !operators.test(line));
        if (code !== 0 || bad.length > 0)
          throw new Error(`Kubernetes ${version}:\n${(bad.length > 0 ? bad : said).join('\n')}`);
      }
      return `${files.length} ways, for ${kubernetesVersions.join(' and ')}; not ServiceMonitor, PrometheusRule, ScaledObject`;
    },
  },
  { name: 'k8s: kube-score finds nothing that is not meant', needs: ['kubectl', 'kube-score'], run: score },
  {
    name: 'k8s: make-secrets.sh makes what the pods refer to',
    needs: ['kubectl', 'shellcheck'],
    run: checkSecrets,
  },
  { name: "k8s: each service accepts its pod's configuration", needs: ['kubectl'], run: servicesAccept },
  {
    name: "k8s: nats-server accepts its pod's configuration",
    needs: ['kubectl', 'nats-server'],
    run: natsAccepts,
  },
  {
    name: 'k8s: network policies let through what is needed, and no more',
    needs: ['kubectl'],
    run: async (context) => {
      let questions = 0;
      const all = Object.entries(await waysOf(context)).flatMap(([name, way]) => {
        const { wrong, asked } = wrongTraffic(way);
        questions += asked;
        return wrong.map((line) => `${name}: ${line}`);
      });
      if (all.length > 0) throw new Error(all.join('\n'));
      return `${questions} questions`;
    },
  },
  {
    name: 'k8s: Prometheus scrapes the agent alone, and has its rules',
    needs: ['kubectl', 'promtool'],
    run: checkMonitoring,
  },
  {
    name: 'k8s: rollout of both overlays on an API server',
    needs: ['kubectl', 'k8s-cluster'],
    slow: true,
    alone: true,
    run: (context) => withCluster(context, (env) => rollout(context, env)),
  },
  {
    name: 'k8s: secrets of a real API server',
    needs: ['kubectl', 'k8s-cluster'],
    slow: true,
    alone: true,
    run: (context) =>
      withCluster(context, async (env) => {
        const said = await context.must(context.node, ['scripts/verify/k8s/secrets.ts'], {
          env: { ...env, KUBECTL: context.tool('kubectl') },
        });
        const passed = said.match(/^passed/gm)?.length ?? 0;
        if (passed !== 3) throw new Error(`three cases should pass:\n${said}`);
        return `${passed} cases`;
      }),
  },
];
