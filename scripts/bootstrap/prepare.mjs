import { delimiter, dirname } from 'node:path';
import { checkout } from './checkout.mjs';
import { ensureDependencies } from './dependencies.mjs';
import { ensureNatsServer } from './nats-server.mjs';
import { ensureNode } from './node.mjs';

/**
 * Makes the checkout ready to run, all of it inside the checkout: Node, the packages, and a nats-server
 * where one is needed.
 * @param {{ log: (line: string) => void, natsServer: boolean }} options
 * @returns {Promise<{ node: string, env: NodeJS.ProcessEnv, natsServerProblem?: string }>} the Node to start, the
 *   environment to start it with (its folder first in PATH, the server as `NATS_SERVER_BIN`), and why there is no server
 */
export const prepare = async ({ log, natsServer }) => {
  const node = await ensureNode({ root: checkout, log });
  const PATH = [dirname(node), process.env['PATH']].join(delimiter);
  const env = { ...process.env, PATH };
  await ensureDependencies({ root: checkout, log, env });
  if (!natsServer) return { node, env };
  try {
    return { node, env: { ...env, NATS_SERVER_BIN: await ensureNatsServer({ log }) } };
  } catch (error) {
    return { node, env, natsServerProblem: /** @type {Error} */ (error).message };
  }
};
