/**
 * The sandbox APIM as a process. It prints one JSON line when it is ready; SIGTERM ends it with exit status 0. Its
 * options are those of the real controller with the same control API: `--ws-port`, `--http-port`, `--integration
 * id=provider`, `--token`, `--health-interval-ms`, `--job-delay-ms`, `--job-timeout-ms`, `--command-timeout-ms`,
 * `--exchange-version`. One more is `--store` (`jdbc` or `mongodb`), the kind of database that stores an ingest.
 */
import { parseArgs } from 'node:util';
import { defaultApimOptions as defaults } from './options.ts';
import { startApim } from './start-apim.ts';

const { values } = parseArgs({
  options: {
    'ws-port': { type: 'string' },
    'http-port': { type: 'string' },
    integration: { type: 'string', multiple: true },
    token: { type: 'string', multiple: true },
    'health-interval-ms': { type: 'string' },
    'job-delay-ms': { type: 'string' },
    'job-timeout-ms': { type: 'string' },
    'command-timeout-ms': { type: 'string' },
    'exchange-version': { type: 'string' },
    store: { type: 'string' },
  },
});
const integrations = values.integration?.map((pair) => pair.split('=') as [string, string]);
const exchangeVersion = values['exchange-version'] ?? defaults.exchangeVersion;
const apim = await startApim({
  wsPort: Number(values['ws-port'] ?? 0),
  httpPort: Number(values['http-port'] ?? 0),
  integrations: integrations ? Object.fromEntries(integrations) : defaults.integrations,
  tokens: values.token ?? defaults.tokens,
  healthIntervalMs: Number(values['health-interval-ms'] ?? defaults.healthIntervalMs),
  jobDelayMs: Number(values['job-delay-ms'] ?? defaults.jobDelayMs),
  jobTimeoutMs: Number(values['job-timeout-ms'] ?? defaults.jobTimeoutMs),
  commandTimeoutMs: Number(values['command-timeout-ms'] ?? defaults.commandTimeoutMs),
  exchangeVersion,
  store: values.store === 'mongodb' ? 'mongodb' : 'jdbc',
});
console.log(JSON.stringify({ ready: true, wsPort: apim.wsPort, httpPort: apim.httpPort, exchangeVersion }));
for (const signal of ['SIGTERM', 'SIGINT'] as const) {
  process.once(signal, () => void apim.stop().finally(() => process.exit(0)));
}
