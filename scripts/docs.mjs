/** `npm run docs`: writes the documents that are made from the code. */
import { join } from 'node:path';
import { checkout } from './bootstrap/checkout.mjs';
import { giveUp, launch } from './bootstrap/launch.mjs';
import { prepare } from './bootstrap/prepare.mjs';

const { node, env } = await prepare({ log: console.error, natsServer: false }).catch(giveUp);
launch(node, [join(checkout, 'scripts', 'docs', 'write.ts')], env);
