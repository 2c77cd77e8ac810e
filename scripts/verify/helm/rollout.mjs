/** The chart on a real API server: every object accepted, installed, upgraded, rolled back, removed. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { chart, installations, namespace, render } from './chart.mjs';
import { openKinds } from './cluster.mjs';

/** @typedef {import('../checks/types.d.ts').Context} Context */

const selector = 'app.kubernetes.io/name=federation-agent';

const before = [
  ...openKinds(['ServiceMonitor', 'PrometheusRule'], 'monitoring.coreos.com', 'v1'),
  {
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: { name: namespace, labels: { 'pod-security.kubernetes.io/enforce': 'restricted' } },
  },
  {
    apiVersion: 'v1',
    kind: 'PersistentVolume',
    metadata: { name: 'for-the-agent' },
    spec: {
      storageClassName: 'gp3',
      capacity: { storage: '2Gi' },
      accessModes: ['ReadWriteOnce'],
      hostPath: { path: '/nowhere' },
    },
  },
];

/**
 * @param {Context} context
 * @param {NodeJS.ProcessEnv} env
 */
export const rollout = async (context, env) => {
  const { tool, must, scratch, log } = context;
  /** @param {...string} args */
  const kubectl = (...args) => must(tool('kubectl'), ['--namespace', namespace, ...args], { env });
  /** @param {...string} args */
  const helm = (...args) => must(tool('helm'), [...args, '--namespace', namespace], { env });
  /** @param {string} release */
  const config = async (release) =>
    Buffer.from(
      await kubectl('get', 'secret', release, '-o', 'jsonpath={.data.gravitee\\.yml}'),
      'base64',
    ).toString();
  /** @param {boolean} holds @param {string} otherwise */
  const assertThat = (holds, otherwise) => {
    if (!holds) throw new Error(otherwise);
  };

  await writeFile(
    join(scratch, 'before.json'),
    JSON.stringify({ apiVersion: 'v1', kind: 'List', items: before }),
  );
  await kubectl('apply', '-f', join(scratch, 'before.json'));
  const ways = await installations(context);
  await kubectl('wait', '--for=condition=Established', 'crd', '--all', '--timeout=30s');
  for (const [name, installation] of Object.entries(ways)) {
    const file = join(scratch, 'rendered.yaml');
    await writeFile(file, await render(context, installation));
    await kubectl('apply', '--dry-run=server', '--validate=strict', '-f', file).catch((error) => {
      throw new Error(`${name}: ${error.message}`);
    });
  }
  log(`the API server accepts ${Object.keys(ways).length} ways to install it`);

  const wait = ['--wait', '--timeout', '90s'];
  const { release, options } = ways['official standard'] ?? { release: '', options: [] };
  await helm('install', release, chart, ...options, ...wait);
  const pods = await kubectl('get', 'pods', '-l', selector, '--no-headers');
  assertThat(
    /^federation-agent-aws-\S+ +1\/1 +Running /.test(pods),
    `the page's verification shows:\n${pods}`,
  );
  const first = await config(release);
  const another = ['--set', 'config.graviteeYml.services.metrics.enabled=true'];
  await helm('upgrade', release, chart, ...options, ...another, ...wait);
  assertThat((await config(release)) !== first, 'the upgrade left gravitee.yml as it was');
  await helm('rollback', release, '1', ...wait);
  assertThat((await config(release)) === first, 'the rollback did not bring gravitee.yml back');
  const replicaSets = await kubectl('get', 'replicasets', '-o', 'name');
  assertThat(replicaSets.trim().split('\n').length === 2, `the upgrade made no new pods:\n${replicaSets}`);

  for (const name of ['second-release', 'persistence', 'irsa']) {
    const way = ways[name] ?? { release: '', options: [] };
    await helm('install', way.release, chart, ...way.options, ...wait);
  }
  const account = `--as=system:serviceaccount:${namespace}:irsa-federation-agent`;
  const may = (/** @type {string} */ secret) =>
    kubectl('auth', 'can-i', 'get', `secrets/${secret}`, account).catch(() => 'no');
  assertThat(
    (await may('federation-apim')).startsWith('yes'),
    'the pod may not read the Secret that it refers to',
  );
  assertThat((await may('irsa-federation-agent')).startsWith('no'), 'the pod may read other Secrets');
  for (const name of ['persistence', 'second-release', 'irsa', release])
    await helm('uninstall', name, ...wait);
  const left = await kubectl('get', 'deployments,services,secrets,pvc,roles', '-o', 'name');
  const kept = left.split('\n').filter((line) => line !== '' && !line.startsWith('secret/sh.helm'));
  assertThat(
    kept.join() === 'persistentvolumeclaim/persistence-federation-agent',
    `after uninstalling there is:\n${kept.join('\n')}`,
  );
  return `${Object.keys(ways).length} ways accepted; 4 releases in one namespace, upgrade and rollback, the claim stays`;
};
