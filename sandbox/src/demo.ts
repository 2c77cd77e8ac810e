/**
 * The demo behind `npm start`. It starts sandbox APIM, sandbox AWS, a broker, the services and the console as processes
 * on loopback, then plays the whole job. With `--once` it ends after the job, with exit status 0 only when every step
 * succeeded. Otherwise everything runs until Ctrl-C.
 */
import { parseArgs } from 'node:util';
import { runJob } from './demo/job.ts';
import { integrationId } from './demo/landscape.ts';
import { tail } from './demo/processes.ts';
import { type Stack, startStack } from './demo/stack.ts';

const values = readOptions();
const natsServer = process.env['NATS_SERVER_BIN'];
if (!natsServer) {
  console.error(
    'NATS_SERVER_BIN is not set: start the demo by `npm start`, which finds or fetches a nats-server',
  );
  process.exit(1);
}

console.log('No integration is configured: this is the sandbox. Nothing leaves this machine.\n');
const stack = await startStack(natsServer);
const interrupted = new Promise<'interrupted'>((resolve) => {
  // The listener stays: npm passes a Ctrl-C on a second time. The children have their own process groups, so that the
  // demo can end them in order.
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => resolve('interrupted'));
});
const ended = Promise.race(stack.processes.map((one) => one.ended));
console.log(
  `  started       sandbox APIM, sandbox AWS (${stack.landscape.apis.length} REST APIs), ${stack.processes.map((one) => one.name).join(', ')}`,
);

const outcome = await Promise.race([
  runJob({ ...stack, integrationId }, console.log),
  ended.then((what) => ({ ok: false, what })),
  interrupted.then((what) => ({ ok: false, what })),
]);
if (!outcome.ok) {
  const interruption = outcome.what === 'interrupted';
  console.error(interruption ? '\n  interrupted' : `\n  failed        ${outcome.what}`);
  if (!interruption)
    for (const one of stack.processes) console.error(`\n--- ${one.name}\n${await tail(one)}`);
} else if (!values.once) {
  explain(stack);
  console.log(`\n${await Promise.race([ended, interrupted.then(() => 'Ending.')])}`);
}
await stack.stop();
process.exit(outcome.ok ? 0 : 1);

function readOptions(): { readonly once: boolean } {
  try {
    return parseArgs({ options: { once: { type: 'boolean', default: false } } }).values;
  } catch (error) {
    console.error(`npm start: ${(error as Error).message}; npm start -- --help names the options`);
    process.exit(2);
  }
}

function explain({ apim, aws, healthUrls, consoleUrl, brokerUrl, folder }: Stack): void {
  const integration = `${apim.controlUrl}/integrations/${integrationId}`;
  const key = 'content-type: application/json';
  console.log(`
Every step held. It all stays up until Ctrl-C:

  console              ${consoleUrl}
  APIM controller      ${apim.endpoint}
  APIM control API     ${apim.controlUrl}
  AWS                  ${aws.url}
  NATS                 ${brokerUrl}
${[...healthUrls].map(([name, url]) => `  ${name.padEnd(20)} ${url}/readyz  ${url}/metrics`).join('\n')}
  logs                 ${folder}

To try next:

  npm run ctl -- status --url ${consoleUrl}
  curl -X POST ${integration}/discover
  curl -X POST ${integration}/ingest
  curl ${integration}/apis
  curl -X POST -H '${key}' -d '{"apiId":"<id>","planId":"<plan id>"}' ${integration}/subscriptions
  curl -X POST ${integration}/drop            cuts the socket: watch it come back
  curl -X POST ${aws.url}/_sandbox/keys       the keys that AWS has

With your own integration: copy config/gravitee.example.yml to config/gravitee.yml, fill it in, and npm start again.`);
}
