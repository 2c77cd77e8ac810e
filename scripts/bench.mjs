/** `npm run bench -- <name> <arguments>`: runs a measurement of `tests/bench/`. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { checkout } from './bootstrap/checkout.mjs';
import { giveUp, launch } from './bootstrap/launch.mjs';
import { prepare } from './bootstrap/prepare.mjs';

const [name = '', ...args] = process.argv.slice(2);
const file = join(checkout, 'tests', 'bench', `${name}.ts`);
if (!/^[a-z-]+$/.test(name) || !existsSync(file))
  giveUp(new Error('npm run bench -- <name>; there is: large'));
const { node, env, natsServerProblem } = await prepare({ log: console.error, natsServer: true }).catch(
  giveUp,
);
if (natsServerProblem !== undefined) giveUp(new Error(natsServerProblem));
launch(node, [file, ...args], env);
