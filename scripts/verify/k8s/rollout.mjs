/**
 * Both overlays on a real API server: everything accepted, secrets made, rolled out under Pod Security `restricted`.
 */
import { writeFile } from 'node:fs/promises';
import { delimiter, dirname, join } from 'node:path';
import { openKinds } from '../helm/cluster.mjs';
import { given, script } from './made-secrets.mjs';
import { namespace } from './objects.mjs';
import { waysOf } from './ways.mjs';

/** @typedef {import('../checks/types.d.ts').Context} Context */
/**
 * @typedef {object} Hands on the cluster. Each answers what was said, warnings too, and throws what was said when it
 * ends badly
 * @property {(...args: string[]) => Promise<string>} kubectl
 * @property {(...args: string[]) => Promise<string>} here kubectl in the namespace
 * @property {(overlay: string) => Promise<string>} makeSecrets
 * @property {(name: string, text: string | object) => Promise<string>} file writes one, answers its path
 */

/** @param {boolean} holds @param {string} otherwise */
const assertThat = (holds, otherwise) => {
  if (!holds) throw new Error(otherwise);
};

/**
 * @param {Context} context
 * @param {NodeJS.ProcessEnv} cluster
 */
export const rollout = async (context, cluster) => {
  const hands = handsOn(context, cluster);
  const kinds = [
    ...openKinds(['ServiceMonitor', 'PrometheusRule'], 'monitoring.coreos.com', 'v1'),
    ...openKinds(['ScaledObject'], 'keda.sh', 'v1alpha1'),
  ];
  await hands.kubectl('apply', '-f', await hands.file('kinds.json', list(kinds)));
  await hands.kubectl('wait', '--for=condition=Established', 'crd', '--all', '--timeout=30s');
  context.log(await secretsAreKept(hands));
  const ways = await waysOf(context);
  for (const [name, { text }] of Object.entries(ways)) await accepted(hands, name, text, '--dry-run=server');
  context.log(`the API server accepts ${Object.keys(ways).length} ways to install it, without a warning`);
  try {
    await scaledRollsOut(hands, ways['scaled']?.text ?? '');
    context.log('scaled: ten pods, two of each service by its autoscaler; restarted, removed');
    await singleRollsOut(hands, ways['single with kubernetes-secrets']?.text ?? '');
  } catch (error) {
    const events = await hands.here('get', 'events', '--field-selector=type=Warning').catch(String);
    throw new Error(`${/** @type {Error} */ (error).message}\n${events}`, { cause: error });
  }
  return `${Object.keys(ways).length} ways accepted, scaled and single rolled out`;
};

/** @param {Context} context @param {NodeJS.ProcessEnv} cluster @returns {Hands} */
const handsOn = ({ tool, run, scratch }, cluster) => {
  const PATH = [dirname(tool('kubectl')), cluster['PATH']].join(delimiter);
  /** @param {string} command @param {string[]} args */
  const say = async (command, args) => {
    const { code, stdout, stderr } = await run(command, args, { env: { ...cluster, ...given, PATH } });
    if (code !== 0) throw new Error(`${args.join(' ')} ended with ${code}:\n${stdout}${stderr}`);
    return stdout + stderr;
  };
  return {
    kubectl: (...args) => say(tool('kubectl'), args),
    here: (...args) => say(tool('kubectl'), ['--namespace', namespace, ...args]),
    makeSecrets: (overlay) => say(script, [overlay]),
    file: async (name, content) => {
      await writeFile(join(scratch, name), typeof content === 'string' ? content : JSON.stringify(content));
      return join(scratch, name);
    },
  };
};

/** @param {object[]} items */
const list = (items) => ({ apiVersion: 'v1', kind: 'List', items });

/** A claim without a class gets a volume without one. @param {string} name */
const volume = (name) => ({
  apiVersion: 'v1',
  kind: 'PersistentVolume',
  metadata: { name },
  spec: { capacity: { storage: '10Gi' }, accessModes: ['ReadWriteOnce'], hostPath: { path: '/nowhere' } },
});

/** make-secrets.sh a second time, and after a half of the passwords was deleted. @param {Hands} hands */
const secretsAreKept = async ({ here, makeSecrets }) => {
  const row = '{range .items[*]}{.metadata.name}{.data}{"\\n"}{end}';
  const secrets = () => here('get', 'secrets', '-o', `jsonpath=${row}`);
  const made = await makeSecrets('scaled');
  const first = await secrets();
  const names = first.trim().split('\n');
  const again = await makeSecrets('scaled');
  assertThat((await secrets()) === first, 'make-secrets.sh changes what is there');
  assertThat(again.match(/ kept$/gm)?.length === names.length, `not all ${names.length} are kept:\n${again}`);
  await here('delete', 'secret', 'federation-agent-nats');
  const mended = await makeSecrets('scaled');
  assertThat((await secrets()) === first, 'the server is given other passwords than the services');
  const [broker, nats] = await upgradedSecrets({ here, makeSecrets });
  assertThat(
    broker !== undefined && broker === nats,
    'the console is given another password than the server has, or none',
  );
  const values = [...first.matchAll(/":"([^"]+)"/g)].map(([, value = '']) => value);
  const shown = values.flatMap((value) => [value, Buffer.from(value, 'base64').toString()]);
  const said = made + again + mended;
  assertThat(
    values.length > 10 && !shown.some((value) => said.includes(value)),
    `a value is printed:\n${said}`,
  );
  return `make-secrets.sh: ${names.length} Secrets, kept by a second run, mended by a third`;
};

/**
 * The Secrets as a release made them that had no console, then make-secrets.sh.
 *
 * @param {Pick<Hands, 'here' | 'makeSecrets'>} hands
 * @returns {Promise<(string | undefined)[]>} the console's password for the pod, and for the server
 */
const upgradedSecrets = async ({ here, makeSecrets }) => {
  const keys = { 'federation-agent-broker': 'console', 'federation-agent-nats': 'CONSOLE_PASSWORD' };
  const secrets = Object.entries(keys);
  /** @param {string} name @returns {Promise<Record<string, string>>} */
  const dataOf = async (name) => JSON.parse(await here('get', 'secret', name, '-o', 'jsonpath={.data}'));
  const before = await Promise.all(secrets.map(([name]) => dataOf(name)));
  for (const [name, key] of secrets)
    await here('patch', 'secret', name, '--type=json', '-p', `[{"op":"remove","path":"/data/${key}"}]`);
  await makeSecrets('scaled');
  const after = await Promise.all(secrets.map(([name]) => dataOf(name)));
  /** @param {Record<string, string>[]} all */
  const ofOthers = (all) => all.map((data, at) => ({ ...data, [secrets[at]?.[1] ?? '']: '' }));
  assertThat(
    JSON.stringify(ofOthers(before)) === JSON.stringify(ofOthers(after)),
    'make-secrets.sh changes a password when it adds that of the console',
  );
  return after.map((data, at) => data[secrets[at]?.[1] ?? '']);
};

/**
 * Applied, without a warning.
 *
 * @param {Hands} hands
 * @param {string} name
 * @param {string} text
 * @param {string[]} options
 */
const accepted = async ({ kubectl, file }, name, text, ...options) => {
  const path = await file(`${name.replaceAll(' ', '-')}.yaml`, text);
  const said = await kubectl('apply', '--validate=strict', '-f', path, ...options).catch((error) => {
    throw new Error(`${name}: ${error.message}`);
  });
  assertThat(!/warning/i.test(said), `${name}: ${said}`);
};

/** @param {Hands} hands @param {string} text */
const scaledRollsOut = async (hands, text) => {
  const { kubectl, here, file } = hands;
  await kubectl(
    'apply',
    '-f',
    await file('volumes.json', list(['1', '2', '3'].map((n) => volume(`of-nats-${n}`)))),
  );
  await accepted(hands, 'scaled', text);
  const root = await here('run', 'root', '--image=none', '--dry-run=server').catch(String);
  assertThat(/violates PodSecurity "restricted/.test(root), `a pod that may be root is let in: ${root}`);
  const services = ['gateway-link', 'aws-discovery', 'subscription-manager'].map(
    (name) => `deployment/${name}`,
  );
  for (const service of services)
    await here('wait', service, '--for=jsonpath={.status.readyReplicas}=2', '--timeout=90s');
  const all = ['statefulset/nats', ...services, 'deployment/console'];
  const rolledOut = async () => {
    for (const one of all) await here('rollout', 'status', one, '--timeout=90s');
    const pods = await here('get', 'pods', '--no-headers', '--field-selector=status.phase=Running');
    assertThat(pods.match(/ 1\/1 /g)?.length === 10, `not ten pods run:\n${pods}`);
  };
  await rolledOut();
  await here('rollout', 'restart', ...all);
  await rolledOut();
  await kubectl('delete', '-f', await file('scaled.yaml', text), '--timeout=90s');
};

/**
 * With the component kubernetes-secrets: the pod may read the Secret that its Role names, and no other.
 *
 * @param {Hands} hands
 * @param {string} text
 */
const singleRollsOut = async (hands, text) => {
  const { kubectl, here, file, makeSecrets } = hands;
  await makeSecrets('single');
  await kubectl('apply', '-f', await file('volume.json', list([volume('of-single')])));
  await accepted(hands, 'single', text);
  await here('rollout', 'status', 'deployment/federation-agent', '--timeout=90s');
  for (const account of ['federation-agent', 'gateway-link']) {
    const as = `--as=system:serviceaccount:${namespace}:${account}`;
    const may = (/** @type {string} */ secret) =>
      here('auth', 'can-i', 'get', `secrets/${secret}`, as).catch(() => 'no');
    assertThat(
      (await may('federation-agent-apim')).startsWith('yes'),
      `${account} may not read the Secret of its Role`,
    );
    assertThat((await may('federation-agent-aws')).startsWith('no'), `${account} may read other Secrets`);
  }
};
