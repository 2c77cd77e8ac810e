/** `npm start`: runs the demo in the sandbox, or the real agent when an integration is configured. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { checkout } from './bootstrap/checkout.mjs';
import { configuredBy } from './bootstrap/integration.mjs';
import { giveUp, launch } from './bootstrap/launch.mjs';
import { ensurePages } from './bootstrap/pages.mjs';
import { agentFlags } from './bootstrap/node-flags.mjs';
import { prepare } from './bootstrap/prepare.mjs';

const help = `npm start
  No integration configured: the whole job in a sandbox on this machine. A sandbox APIM and a sandbox AWS, a broker
  and the three services start; an API is discovered, ingested, subscribed and unsubscribed while you watch; then
  everything runs until Ctrl-C. It needs no AWS account, no Gravitee and no credentials.
    npm start -- --once    ends after the job; exit status 0 only when every step succeeded

  An integration configured: the agent itself, as with npm run agent. The configuration is in config/gravitee.yml, in
  another file that GRAVITEE_CONF or --config names, or in the environment
  (gravitee_integration_providers_0_integrationId and so on, in any spelling of the official agent).
    npm run agent -- --help    its options

  Both download what is missing into this folder: Node 24 (.tools/), the npm packages, a nats-server (.tools/).`;

const args = process.argv.slice(2);
if (args.includes('--help') || args.includes('-h')) {
  console.log(help);
  process.exit();
}

const configured = configuredBy({
  env: process.env,
  args,
  hasDefaultFile: existsSync(join(checkout, 'config', 'gravitee.yml')),
});
// The demo starts its own broker, whatever NATS_URL says: it must not write to somebody's broker.
const natsServer = configured === undefined || !process.env['NATS_URL'];
const { node, env, natsServerProblem } = await prepare({ log: console.error, natsServer }).catch(giveUp);
if (natsServerProblem !== undefined) console.error(natsServerProblem);
await ensurePages({ node, env, log: console.error });
if (configured === undefined) {
  if (natsServerProblem !== undefined) process.exit(1);
  launch(node, [join(checkout, 'sandbox', 'src', 'demo.ts'), ...args], env);
} else {
  console.error(`An integration is configured by ${configured}: this is the agent, not the sandbox.`);
  launch(node, [...agentFlags, join(checkout, 'services', 'standalone', 'src', 'main.ts'), ...args], env);
}
