/** `npm run agent -- <arguments>`: runs the agent with the user's configuration; the arguments are passed on. */
import { join } from 'node:path';
import { checkout } from './bootstrap/checkout.mjs';
import { giveUp, launch } from './bootstrap/launch.mjs';
import { ensurePages } from './bootstrap/pages.mjs';
import { agentFlags } from './bootstrap/node-flags.mjs';
import { prepare } from './bootstrap/prepare.mjs';

const args = process.argv.slice(2);
const onlyAsks = args.some((arg) => ['--help', '-h', '--version', '-v'].includes(arg));
const natsServer = !onlyAsks && !process.env['NATS_URL'];
const { node, env, natsServerProblem } = await prepare({ log: console.error, natsServer }).catch(giveUp);
// Only a warning: the configuration may name a broker, and the agent itself reports when it needs a nats-server.
if (natsServerProblem !== undefined) console.error(natsServerProblem);
if (!onlyAsks) await ensurePages({ node, env, log: console.error });
launch(node, [...agentFlags, join(checkout, 'services', 'standalone', 'src', 'main.ts'), ...args], env);
