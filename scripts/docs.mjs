/** `npm run docs`: writes the documents that are made from the code. */
import { join } from 'node:path';
import { checkout } from './bootstrap/checkout.mjs';
import { giveUp, launch } from './bootstrap/launch.mjs';
import { takesNoArguments } from './bootstrap/no-arguments.mjs';
import { prepare } from './bootstrap/prepare.mjs';

takesNoArguments(`npm run docs
  Writes the documents that are made from the code: docs/configuration.md, docs/gravitee.schema.json, docs/errors.md,
  docs/metrics.md.`);
const { node, env } = await prepare({ log: console.error, natsServer: false }).catch(giveUp);
launch(node, [join(checkout, 'scripts', 'docs', 'write.ts')], env);
