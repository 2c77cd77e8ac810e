/** `npm start`: the demo in the sandbox, or the agent for real where an integration is configured. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { checkout } from './bootstrap/checkout.mjs';
import { configuredBy } from './bootstrap/integration.mjs';
import { giveUp, launch } from './bootstrap/launch.mjs';
import { prepare } from './bootstrap/prepare.mjs';

const help = `npm start
  No integration configured: the whole job in a sandbox on this machine. A sandbox APIM and a sandbox AWS, a broker
  and the three services start; an API is discovered, ingested, subscribed and unsubscribed before your eyes; then
  everything stays up until Ctrl-C. No AWS account, no Gravitee, none of your credentials.
    npm start -- --once    ends after the job; exit 0 only when every step held

  An integration configured: the agent itself, as npm run agent starts it. It is configured by config/gravitee.yml,
  by GRAVITEE_CONF or --config naming another file, or by the environment (gravitee_integration_providers_0_integrationId
  and its companions, in any spelling of the official agent).
    npm run agent -- --help    its options

  Both fetch what is missing into this folder: Node 24 (.tools/), the npm packages, a nats-server (.tools/).`;

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
// The demo brings a broker of its own, whatever NATS_URL says: it must not write into somebody's.
const natsServer = configured === undefined || !process.env['NATS_URL'];
const { node, env, natsServerProblem } = await prepare({ log: console.error, natsServer }).catch(giveUp);
if (natsServerProblem !== undefined) console.error(natsServerProblem);
if (configured === undefined) {
  if (natsServerProblem !== undefined) process.exit(1);
  launch(node, [join(checkout, 'sandbox', 'src', 'demo.ts'), ...args], env);
} else {
  console.error(`An integration is configured by ${configured}: this is the agent, not the sandbox.`);
  launch(node, [join(checkout, 'services', 'standalone', 'src', 'main.ts'), ...args], env);
}
