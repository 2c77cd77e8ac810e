/** A separate cluster for one check: a real API server with kwok's nodes (scripts/verify/k8s-up.sh). */
import { createServer } from 'node:net';
import { join } from 'node:path';

/** @typedef {import('../checks/types.d.ts').Context} Context */

/** @returns {Promise<number>} a port that nobody has, with a free one after it */
const freePort = () =>
  new Promise((resolve, reject) => {
    const server = createServer().once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = /** @type {import('node:net').AddressInfo} */ (server.address());
      server.close(() => resolve(port));
    });
  });

/**
 * Starts a cluster, hands on an environment in which kubectl and helm reach it, and stops it.
 * @template T
 * @param {Context} context
 * @param {(env: NodeJS.ProcessEnv) => Promise<T>} use
 * @returns {Promise<T>}
 */
export const withCluster = async ({ env, must, run, scratch }, use) => {
  const ports = { API_PORT: String(await freePort()), ETCD_PORT: String(await freePort()) };
  const own = { ...env, ...ports, CLUSTER: join(scratch, 'cluster') };
  const script = 'scripts/verify/k8s-up.sh';
  try {
    const said = await must('bash', [script], { env: own });
    const kubeconfig = /KUBECONFIG=(\S+)/.exec(said)?.[1];
    if (kubeconfig === undefined)
      throw new Error(`${script} does not say where its kubeconfig lies:\n${said}`);
    return await use({ ...own, KUBECONFIG: kubeconfig });
  } finally {
    await run('bash', [script, 'stop'], { env: own });
  }
};

/**
 * Kinds of an operator, as open as can be: what is in them is the operator's to check.
 * @param {string[]} kinds
 * @param {string} group
 * @param {string} version
 */
export const openKinds = (kinds, group, version) =>
  kinds.map((kind) => ({
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `${kind.toLowerCase()}s.${group}` },
    spec: {
      group,
      names: { kind, plural: `${kind.toLowerCase()}s` },
      scope: 'Namespaced',
      versions: [
        {
          name: version,
          served: true,
          storage: true,
          schema: { openAPIV3Schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } },
        },
      ],
    },
  }));
