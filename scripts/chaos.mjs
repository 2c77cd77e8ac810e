/**
 * `npm run chaos -- <arguments>`: random commands and faults against the whole agent, with checks of what must hold at
 * the end.
 */
import { join } from 'node:path';
import { checkout } from './bootstrap/checkout.mjs';
import { giveUp, launch } from './bootstrap/launch.mjs';
import { prepare } from './bootstrap/prepare.mjs';

const args = process.argv.slice(2);
const natsServer = !args.includes('--help');
const { node, env, natsServerProblem } = await prepare({ log: console.error, natsServer }).catch(giveUp);
if (natsServerProblem !== undefined) giveUp(new Error(natsServerProblem));
launch(node, [join(checkout, 'tests', 'chaos', 'run.ts'), ...args], env);
