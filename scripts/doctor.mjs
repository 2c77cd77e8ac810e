/** `npm run doctor -- <arguments>`: finds what is wrong with the user's installation, and says how to fix it. */
import { join } from 'node:path';
import { checkout } from './bootstrap/checkout.mjs';
import { giveUp, launch } from './bootstrap/launch.mjs';
import { prepare } from './bootstrap/prepare.mjs';

const args = process.argv.slice(2);
const onlyAsks = args.some((arg) => ['--help', '-h'].includes(arg));
const natsServer = !onlyAsks && !process.env['NATS_URL'];
const { node, env, natsServerProblem } = await prepare({ log: console.error, natsServer }).catch(giveUp);
// Only a warning: the configuration may name a broker, and the doctor itself reports a missing nats-server.
if (natsServerProblem !== undefined) console.error(natsServerProblem);
launch(node, [join(checkout, 'services', 'standalone', 'src', 'main.ts'), 'doctor', ...args], env);
