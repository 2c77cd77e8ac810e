/**
 * `npm run broker:move -- <arguments>`: moves the records on a broker of the user's from names without a namespace to
 * names with it.
 */
import { join } from 'node:path';
import { checkout } from './bootstrap/checkout.mjs';
import { giveUp, launch } from './bootstrap/launch.mjs';
import { prepare } from './bootstrap/prepare.mjs';

const { node, env } = await prepare({ log: console.error, natsServer: false }).catch(giveUp);
const main = join(checkout, 'services', 'standalone', 'src', 'main.ts');
launch(node, [main, 'broker-move', ...process.argv.slice(2)], env);
