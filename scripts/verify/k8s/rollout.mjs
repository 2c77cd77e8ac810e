/** Both overlays on a real API server: everything accepted, secrets made, rolled out under Pod Security `restricted`. */
import { writeFile } from 'node:fs/promises';
import { delimiter, dirname, join } from 'node:path';
import { openKinds } from '../helm/cluster.mjs';
import { given, script } from './made-secrets.mjs';
import { namespace } from './objects.mjs';
import { waysOf } from './ways.mjs';

/** @typedef {import('../checks/types.d.ts').Context} Context */

/** A claim without a class gets a volume without one. @param {string} name */
const volume = (name) => ({
  apiVersion: 'v1',
  kind: 'PersistentVolume',
  metadata: { name },
  spec: {
    capacity: { storage: '10Gi' },
    accessModes: ['ReadWriteOnce'],
    persistentVolumeReclaimPolicy: 'Delete',
    hostPath: { path: '/nowhere' },
  },
});

/** @param {boolean} holds @param {string} otherwise */
const insist = (holds, otherwise) => {
  if (!holds) throw new Error(otherwise);
};

/**
 * @param {Context} context
 * @param {NodeJS.ProcessEnv} cluster
 */
export const rollout = async (context, cluster) => {
  const { tool, run, scratch, log } = context;
  const PATH = [dirname(tool('kubectl')), cluster['PATH']].join(delimiter);
  const env = { ...cluster, ...given, PATH };
  /** @param {readonly string[]} args @returns {Promise<string>} with warnings, which go to stderr */
  const kubectl = async (args, command = tool('kubectl')) => {
    const { code, stdout, stderr } = await run(command, args, { env });
    if (code !== 0) throw new Error(`${args.join(' ')} ended with ${code}:\n${stdout}${stderr}`);
    return stdout + stderr;
  };
  /** @param {...string} args */
  const here = (...args) => kubectl(['--namespace', namespace, ...args]);
  /** @param {string} name @param {string} text */
  const file = async (name, text) => {
    await writeFile(join(scratch, name), text);
    return join(scratch, name);
  };
  const secrets = () =>
    here('get', 'secrets', '-o', 'jsonpath={range .items[*]}{.metadata.name}{.data}{"\\n"}{end}');

  const kinds = openKinds(['ServiceMonitor', 'PrometheusRule'], 'monitoring.coreos.com', 'v1');
  const items = [...kinds, ...openKinds(['ScaledObject'], 'keda.sh', 'v1alpha1')];
  const volumes = ['one', 'two', 'three', 'four'].map(volume);
  await kubectl([
    'apply',
    '-f',
    await file(
      'before.json',
      JSON.stringify({ apiVersion: 'v1', kind: 'List', items: [...items, ...volumes] }),
    ),
  ]);
  await kubectl(['wait', '--for=condition=Established', 'crd', '--all', '--timeout=30s']);

  const said = [await kubectl(['scaled'], script)];
  const first = await secrets();
  said.push(await kubectl(['scaled'], script));
  insist((await secrets()) === first, 'make-secrets.sh changes what is there');
  insist(
    (said[1]?.match(/kept/g)?.length ?? 0) === first.trim().split('\n').length,
    `not all is kept:\n${said[1]}`,
  );
  await here('delete', 'secret', 'federation-agent-nats');
  said.push(await kubectl(['scaled'], script));
  insist((await secrets()) === first, 'the server is given other passwords than the services');
  const values = [...first.matchAll(/":"([^"]+)"/g)].map(([, value = '']) => value);
  const shown = values.flatMap((value) => [value, Buffer.from(value, 'base64').toString()]);
  insist(values.length > 10 && !shown.some((value) => said.join().includes(value)), 'a value is printed');
  log(`make-secrets.sh: ${first.trim().split('\n').length} Secrets, kept by a second run, mended by a third`);

  const ways = Object.entries(await waysOf(context));
  for (const [name, { text }] of ways) {
    const path = await file(`${name.replaceAll(' ', '-')}.yaml`, text);
    const answer = await kubectl(['apply', '--dry-run=server', '--validate=strict', '-f', path]).catch(
      (error) => {
        throw new Error(`${name}: ${error.message}`);
      },
    );
    insist(!/warning/i.test(answer), `${name}: ${answer}`);
  }
  log(`the API server accepts ${ways.length} ways to install it, without a warning`);

  const apply = (/** @type {string} */ name) => kubectl(['apply', '-f', join(scratch, `${name}.yaml`)]);
  insist(!/warning/i.test(await apply('scaled')), 'there are warnings');
  const root = await run(
    tool('kubectl'),
    ['-n', namespace, 'run', 'root', '--image=none', '--dry-run=server'],
    { env },
  );
  insist(
    /violates PodSecurity "restricted/.test(root.stderr),
    `a pod that may be root is let in: ${root.stderr}`,
  );
  await here('rollout', 'status', 'statefulset/nats', '--timeout=90s');
  for (const name of ['gateway-link', 'aws-discovery', 'subscription-manager'])
    await here('wait', `deployment/${name}`, '--for=jsonpath={.status.readyReplicas}=2', '--timeout=90s');
  const pods = await here('get', 'pods', '--no-headers');
  insist(pods.match(/ 1\/1 +Running /g)?.length === 9, `not nine pods that run:\n${pods}`);
  await here('rollout', 'restart', 'deployment', 'statefulset');
  for (const kind of ['statefulset/nats', 'deployment/gateway-link', 'deployment/subscription-manager'])
    await here('rollout', 'status', kind, '--timeout=90s');
  await kubectl(['delete', '-f', join(scratch, 'scaled.yaml'), '--timeout=90s']);

  await kubectl(['apply', '-f', await file('five.json', JSON.stringify(volume('five')))]);
  await kubectl(['single'], script);
  insist(!/warning/i.test(await apply('single')), 'there are warnings');
  await here('rollout', 'status', 'deployment/federation-agent', '--timeout=90s');
  return `${ways.length} ways accepted; scaled, with two of each by their autoscaler, restarted and removed; single`;
};
