/** `npm run build`: one minified bundle per service and one for the agent, in `dist/`. */
import { pathToFileURL } from 'node:url';
import { join } from 'node:path';
import { checkout } from './bootstrap/checkout.mjs';
import { giveUp } from './bootstrap/launch.mjs';
import { prepare } from './bootstrap/prepare.mjs';

const help = `npm run build
  Bundles each service (gateway-link, aws-discovery, subscription-manager), the whole agent (agent) and the sandbox into
  dist/<name>.mjs, minified, with a source map and the licences of what is in it beside it. Node 24 runs a bundle without
  anything else: node dist/agent.mjs --help. The images are made of them: deploy/README.md.
    npm run build -- agent     only these`;

const args = process.argv.slice(2);
if (args.includes('--help') || args.includes('-h')) {
  console.log(help);
  process.exit();
}
await prepare({ log: console.error, natsServer: false }).catch(giveUp);
// esbuild is there only now.
const { bundleAll } = await import(pathToFileURL(join(checkout, 'scripts', 'build', 'bundle.mjs')).href);
await bundleAll(args, console.log).catch(giveUp);
