/** `npm run ctl -- <command>`: looks at a running agent and steers it, through the HTTP API of its console. */
import { join } from 'node:path';
import { checkout } from './bootstrap/checkout.mjs';
import { giveUp, launch } from './bootstrap/launch.mjs';
import { prepare } from './bootstrap/prepare.mjs';

const { node, env } = await prepare({ log: console.error, natsServer: false }).catch(giveUp);
launch(
  node,
  [join(checkout, 'services', 'standalone', 'src', 'main.ts'), 'ctl', ...process.argv.slice(2)],
  env,
);
