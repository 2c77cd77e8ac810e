/** `npm run broker:users -- <arguments>`: makes a broker user for each service, with exactly its subjects. */
import { join } from 'node:path';
import { checkout } from './bootstrap/checkout.mjs';
import { giveUp, launch } from './bootstrap/launch.mjs';
import { prepare } from './bootstrap/prepare.mjs';

const { node, env } = await prepare({ log: console.error, natsServer: false }).catch(giveUp);
launch(node, [join(checkout, 'scripts', 'broker', 'main.ts'), ...process.argv.slice(2)], env);
