/** A cluster of its own for one check: a real API server with kwok's nodes (scripts/verify/k8s-up.sh). */
import { createServer } from 'node:net';

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
export const withCluster = async ({ env, must, run }, use) => {
  const ports = { API_PORT: String(await freePort()), ETCD_PORT: String(await freePort()) };
  const script = 'scripts/verify/k8s-up.sh';
  try {
    const said = await must('bash', [script], { env: { ...env, ...ports } });
    const kubeconfig = /KUBECONFIG=(\S+)/.exec(said)?.[1];
    if (kubeconfig === undefined)
      throw new Error(`${script} does not say where its kubeconfig lies:\n${said}`);
    return await use({ ...env, KUBECONFIG: kubeconfig });
  } finally {
    await run('bash', [script, 'stop'], { env });
  }
};
