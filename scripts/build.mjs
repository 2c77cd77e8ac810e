/** `npm run build`: makes one minified bundle per service and one for the agent, in `dist/`. */
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { checkout } from './bootstrap/checkout.mjs';
import { giveUp } from './bootstrap/launch.mjs';
import { copyPages, ensurePages } from './bootstrap/pages.mjs';
import { prepare } from './bootstrap/prepare.mjs';

const help = `npm run build
  Bundles each service (gateway-link, aws-discovery, subscription-manager, console), the whole agent (agent) and the
  sandbox into dist/<name>.mjs, minified, with a source map and the licences of its packages beside it. Node 24 runs a
  bundle without anything else: node dist/agent.mjs --help. The images contain these bundles: deploy/README.md. The pages
  of the console go into dist/console.
    npm run build -- agent     only the bundles with these names`;

const args = process.argv.slice(2);
if (args.includes('--help') || args.includes('-h')) {
  console.log(help);
  process.exit();
}
const { node, env } = await prepare({ log: console.error, natsServer: false }).catch(giveUp);
// Imported only now, because esbuild was not installed before.
const { bundleAll } = await import(pathToFileURL(join(checkout, 'scripts', 'build', 'bundle.mjs')).href);
await bundleAll(args, console.log).catch(giveUp);
if (!(await ensurePages({ node, env, log: console.log }))) process.exit(1);
await copyPages(join(checkout, 'dist'));
