/** Runs all checks: first the configuration, then every endpoint, the broker and every target in parallel. */
import { fileURLToPath } from 'node:url';
import { openProbes } from '@federation-agent/aws-control-plane';
import { shownEndpoint } from '@federation-agent/gateway-link';
import { createTelemetry, describeError, systemClock, version } from '@federation-agent/base';
import type { LoadedConfig } from '@federation-agent/configuration';
import { internetRoute, connectorRoute } from '@federation-agent/net';
import { checkTarget } from './check-aws.ts';
import { checkBroker } from './check-broker.ts';
import { checkChannel } from './check-channel.ts';
import { checkConfiguration, type ConfigurationSource } from './check-configuration.ts';
import { checkEmbeddedBroker } from './check-embedded-broker.ts';
import { checkConnection, skippedChecks } from './check-endpoint.ts';
import { checkNames, inOrder, type CheckResult, type Section } from './result.ts';
import { findRunningAgent, type RunningAgent } from './running-agent.ts';
import { OverdueError, withTimeout } from './with-timeout.ts';

/** Everything ends within 30 s; the process needs the rest to start and to print. */
export const timeLimitMs = 26_000;

/** Endpoint and Authorization header may come from here instead of their own keys. */
const cloud = 'cloud.token';

const checkout = fileURLToPath(new URL('../../../', import.meta.url));

export interface Progress {
  /** Called with what is being checked now. */
  readonly waitingFor?: (subjects: readonly string[]) => void;
}

/** Never rejects because of what it finds. Results are in the order of the checks and have no secret. */
export async function runDoctor(
  source: ConfigurationSource,
  { waitingFor = () => undefined }: Progress = {},
): Promise<readonly CheckResult[]> {
  waitingFor(['the configuration']);
  const { loaded, results } = await checkConfiguration(source);
  if (!loaded) {
    const rest = checkNames.filter((name) => !results.some(({ check }) => check === name));
    return inOrder([...results, ...skippedChecks('', rest, 'the configuration cannot be used')]);
  }
  const agent = await findRunningAgent(loaded.config);
  const ending = new AbortController();
  const { sections, close } = sectionsOf(loaded, source, agent, ending.signal);
  const until = Date.now() + timeLimitMs;
  const pending = new Set(sections.map(({ subject }) => subject));
  waitingFor([...pending]);
  const found = await Promise.all(
    sections.map(async (section) => {
      const results = await collect(section, until);
      pending.delete(section.subject);
      waitingFor([...pending]);
      return results;
    }),
  );
  ending.abort();
  close();
  return inOrder([...results, agent.result, ...found.flat()]).map((result) => redact(result, loaded.secrets));
}

function sectionsOf(
  { config, limits, secrets, values }: LoadedConfig,
  source: ConfigurationSource,
  agent: RunningAgent,
  signal: AbortSignal,
): { sections: readonly Section[]; close: () => void } {
  const { ws } = config.integration.connector;
  const { broker, dataDir } = config.federation;
  // What the parts of the agent would log is in the results.
  const telemetry = createTelemetry({
    service: 'doctor',
    instance: 'doctor',
    version,
    level: 'fatal',
    secrets,
    destination: { write: () => undefined },
  });
  const proxy = connectorRoute(config, source.env);
  const integrationIds = config.integration.providers.map(({ integrationId }) => integrationId);
  const fromCloud = values.filter(({ source }) => source === cloud).map((value) => value.path);
  const cloudToken = fromCloud.some((path) => path.startsWith('integration.connector.ws.headers'));
  const endpoints = ws.endpoints.map((endpoint, index): Section => {
    const path = `integration.connector.ws.endpoints[${index}]`;
    const key = fromCloud.includes(path) ? cloud : path;
    const shown = shownEndpoint(endpoint);
    const options = { endpoint, shown, key, config: ws, limits, proxy, integrationIds, cloudToken };
    return {
      check: 'upgrade',
      subject: shown,
      run: async function* () {
        if (yield* checkConnection(options)) yield* checkChannel(options);
        else yield* skippedChecks(shown, ['upgrade', 'hello'], 'the endpoint cannot be reached');
      },
    };
  });
  const probes = config.integration.providers.map(({ integrationId, configuration }, index) => ({
    integrationId,
    key: `integration.providers[${index}].configuration`,
    open: openProbes({
      integrationId,
      configuration,
      telemetry,
      clock: systemClock,
      limits,
      proxy: internetRoute(config, source.env),
      signal,
    }),
  }));
  const targets = probes.flatMap(({ integrationId, key, open }) =>
    open.targets.map((target): Section => ({
      check: 'aws identity',
      subject: `${integrationId} ${target.label}`,
      run: () => checkTarget(target, integrationId, key),
    })),
  );
  const { url } = broker;
  const theBroker: Section =
    url === undefined
      ? {
          check: 'broker',
          subject: 'embedded',
          run: () =>
            checkEmbeddedBroker({
              config: broker,
              dataDir,
              env: source.env,
              checkout,
              agent,
              limits,
              telemetry,
            }),
        }
      : {
          check: 'broker',
          subject: shownServers(url),
          run: () => checkBroker({ config: broker, limits, shown: shownServers(url) }),
        };
  return {
    sections: [...endpoints, theBroker, ...targets],
    close: () => {
      for (const { open } of probes) open.close();
    },
  };
}

/** Without users, passwords and tokens. */
function shownServers(urls: string): string {
  return urls.replaceAll(/[^\s,/@]*@/gu, '');
}

/** What a group found before it ended or the time was over. */
async function collect({ check, subject, run }: Section, until: number): Promise<readonly CheckResult[]> {
  const results: CheckResult[] = [];
  const work = (async () => {
    for await (const result of run()) results.push(result);
  })();
  try {
    await withTimeout(Math.max(0, until - Date.now()), work);
    return results;
  } catch (error) {
    const overdue = error instanceof OverdueError;
    return [
      ...results,
      {
        check,
        subject,
        status: 'failed',
        detail: overdue
          ? `not over in ${timeLimitMs / 1_000} s; what comes after ${results.at(-1)?.check ?? 'the start'} was not tried`
          : describeError(error),
        fix: overdue
          ? 'something between does not answer: look at the last check that is shown for it'
          : 'please report this: the check itself failed',
      },
    ];
  }
}

function redact(result: CheckResult, secrets: readonly string[]): CheckResult {
  const clean = (text: string): string =>
    secrets
      .filter((secret) => secret.length > 3)
      .reduce((cleaned, secret) => cleaned.replaceAll(secret, '[redacted]'), text);
  return {
    ...result,
    subject: clean(result.subject),
    detail: clean(result.detail),
    ...(result.fix !== undefined && { fix: clean(result.fix) }),
    ...(result.lines && { lines: result.lines.map(clean) }),
  };
}
