import { delimiter, dirname, join } from 'node:path';
import { checkout } from './checkout.mjs';
import { ensureDependencies } from './dependencies.mjs';
import { ensureNatsServer } from './nats-server.mjs';
import { ensureNode } from './node.mjs';

/**
 * Makes the checkout ready to run, all of it inside the checkout: Node, the packages, and a nats-server
 * where one is needed.
 * @param {{ log: (line: string) => void, natsServer: boolean | string }} options `natsServer`: is one needed? A text is
 *   the only version that will do
 * @returns {Promise<{ node: string, env: NodeJS.ProcessEnv, natsServerProblem?: string }>} the Node to start, the
 * environment to start it with (its folder first in PATH, Node's compile cache, the server as `NATS_SERVER_BIN`), and
 * why there is no server
 * @throws {Error} when Node or the packages cannot be fetched; its message is for the user
 */
export const prepare = async ({ log, natsServer }) => {
  const node = await ensureNode({ root: checkout, log });
  const PATH = [dirname(node), process.env['PATH']].join(delimiter);
  // Node caches what it compiled: from the second start on, a service starts in half the time.
  const NODE_COMPILE_CACHE = process.env['NODE_COMPILE_CACHE'] || join(checkout, '.cache', 'node');
  const env = { ...process.env, PATH, NODE_COMPILE_CACHE };
  await ensureDependencies({ root: checkout, log, env });
  if (!natsServer) return { node, env };
  try {
    const version = natsServer === true ? {} : { version: natsServer };
    return { node, env: { ...env, NATS_SERVER_BIN: await ensureNatsServer({ ...version, log }) } };
  } catch (error) {
    return { node, env, natsServerProblem: /** @type {Error} */ (error).message };
  }
};
