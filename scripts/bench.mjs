/** `npm run bench`: the measurements of `tests/bench/`. */
import { join } from 'node:path';
import { checkout } from './bootstrap/checkout.mjs';
import { giveUp, launch } from './bootstrap/launch.mjs';
import { prepare } from './bootstrap/prepare.mjs';
import { bundlesForTests } from './test/bundles.mjs';

const args = process.argv.slice(2);
const large = args[0] === 'large';
/** Measurements of other kinds have a program each. */
const program = ['large', 'profile'].find((name) => name === args[0]);
const { node, env, natsServerProblem } = await prepare({ log: console.error, natsServer: true }).catch(
  giveUp,
);
if (natsServerProblem !== undefined) giveUp(new Error(natsServerProblem));
// What ships is measured; `large` watches the event loop of the sources.
const bundles = large || args.includes('--help') ? {} : { FEDERATION_TEST_BUNDLES: await bundlesForTests() };
const file = join(checkout, 'tests', 'bench', `${program ?? 'run'}.ts`);
launch(node, [file, ...(program ? args.slice(1) : args)], { ...env, ...bundles });
