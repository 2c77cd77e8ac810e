/** `npm run agent -- <arguments>`: the agent with the user's configuration; its arguments are passed on. */
import { join } from 'node:path';
import { checkout } from './bootstrap/checkout.mjs';
import { giveUp, launch } from './bootstrap/launch.mjs';
import { prepare } from './bootstrap/prepare.mjs';

const args = process.argv.slice(2);
const onlyAsks = args.some((arg) => ['--help', '-h', '--version', '-v'].includes(arg));
const natsServer = !onlyAsks && !process.env['NATS_URL'];
const { node, env, natsServerProblem } = await prepare({ log: console.error, natsServer }).catch(giveUp);
// Not the end: a broker may be named in the configuration, and the agent says when it needs a server of its own.
if (natsServerProblem !== undefined) console.error(natsServerProblem);
launch(node, [join(checkout, 'services', 'standalone', 'src', 'main.ts'), ...args], env);
