/**
 * The sandbox as one process for a container: an APIM controller and an AWS control plane on their own ports, for an
 * agent that runs elsewhere. Then it plays the whole job with that agent, one line per step.
 *
 * `--host` (127.0.0.1), `--apim-port` (18090, for `integration.connector.ws.endpoints`), `--control-port` (18091, the
 * control API of APIM), `--aws-port` (18092, `endpointUrl`). With `--once` it ends after the job, with exit status 0
 * only when every step succeeded. Otherwise everything runs until SIGTERM. `healthcheck` asks such a process whether it
 * serves.
 */
import { parseArgs } from 'node:util';
import { startApim } from './apim/index.ts';
import { startAws } from './aws/index.ts';
import { runJob } from './demo/job.ts';
import { demoLandscape, integrationId, token } from './demo/landscape.ts';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    host: { type: 'string', default: process.env['SANDBOX_HOST'] ?? '127.0.0.1' },
    'apim-port': { type: 'string', default: '18090' },
    'control-port': { type: 'string', default: '18091' },
    'aws-port': { type: 'string', default: '18092' },
    once: { type: 'boolean', default: false },
  },
});
const port = (name: 'apim-port' | 'control-port' | 'aws-port'): number => Number(values[name]);

if (positionals[0] === 'healthcheck') {
  const { ok } = await fetch(
    `http://127.0.0.1:${port('control-port')}/integrations/${integrationId}/channels`,
  );
  process.exit(ok ? 0 : 1);
}

const stopped = new Promise<void>((resolve) => {
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => resolve());
});
const { host } = values;
const aws = await startAws({ host, port: port('aws-port') });
const landscape = aws.control.seed(demoLandscape);
const apim = await startApim({
  host,
  wsPort: port('apim-port'),
  httpPort: port('control-port'),
  integrations: { [integrationId]: 'aws-api-gateway' },
  tokens: [token],
});
console.log(
  `The sandbox: APIM controller on ${host}:${apim.wsPort}, its control API on ${host}:${apim.httpPort}, AWS on ${host}:${aws.port} (${landscape.apis.length} REST APIs). Waiting for an agent.\n`,
);

const outcome = await Promise.race([runJob({ aws, apim, landscape, integrationId }, console.log), stopped]);
if (outcome && !outcome.ok) console.error(`\n  failed        ${outcome.what}`);
else if (outcome) console.log('\nEvery step held.');
if (!values.once) await stopped;
await Promise.all([apim.stop(), aws.stop()]);
process.exit(outcome?.ok === false && values.once ? 1 : 0);
