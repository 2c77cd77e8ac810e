/** The main of a process: arguments, configuration, telemetry, health, signals, exit codes. */
import { hostname } from 'node:os';
import type { AgentConfig, Limits, ServiceName } from '@federation-agent/contracts';
import {
  type Clock,
  ConfigurationError,
  createTelemetry,
  describeError,
  FederationError,
  type Randomness,
  systemClock,
  systemRandomness,
  type Telemetry,
  version,
} from '@federation-agent/base';
import {
  effectiveText,
  type EffectiveValue,
  helpText,
  type LiveConfig,
  loadConfig,
  readArguments,
} from '@federation-agent/configuration';
import { healthcheck } from './healthcheck.ts';
import { createHealth, type Health } from './http/health.ts';
import { createNodeRoutes, type NodeRoutes } from './http/node-routes.ts';
import { startHttpServer } from './http/server.ts';
import type { RunningService } from './service.ts';
import { onStopSignal } from './stop-signal.ts';

/** What all services of a process share. */
export interface ProcessContext {
  readonly config: AgentConfig;
  /** The same, each value with its source; secrets are masked. */
  readonly values: readonly EffectiveValue[];
  /** Configuration that changes while the process runs; absent: none does. */
  readonly live?: LiveConfig;
  readonly limits: Limits;
  readonly telemetry: Telemetry;
  readonly health: Health;
  /** For services' own routes below `/_node`. */
  readonly nodeRoutes: NodeRoutes;
  readonly version: string;
  /** New for each process. */
  readonly instance: string;
  readonly clock: Clock;
  readonly random: Randomness;
  /** Aborted when the process must stop while it is still starting. */
  readonly signal: AbortSignal;
}

export interface RunProcessOptions {
  /** Name of the executable, in `--help` and in logs. */
  readonly name: string;
  /** One sentence for `--help`. */
  readonly description: string;
  /** Absent: a process with all services. */
  readonly service?: ServiceName;
  readonly start: (context: ProcessContext) => Promise<RunningService>;
}

const exitCodes = { ok: 0, failed: 1, configuration: 2 } as const;
const everyService: readonly ServiceName[] = [
  'gateway-link',
  'aws-discovery',
  'subscription-manager',
  'console',
];
/** The part of the time to stop that is kept for closing spans and the health server. */
const closingMs = 1_000;

/**
 * With `healthcheck` as the first argument it asks the running process, see `healthcheck`. Otherwise it runs until
 * SIGTERM or SIGINT, then stops and exits with 0 within `limits.shutdown`. A second signal after a second or more exits
 * with 1 at once. A wrong configuration exits with 2 and reports every mistake; an uncaught error exits with 1.
 */
export async function runProcess(options: RunProcessOptions): Promise<void> {
  try {
    const argv = process.argv.slice(2);
    if (argv[0] === 'healthcheck') {
      await answerHealthcheck(argv.slice(1));
      return;
    }
    const { help, version: askedVersion } = readArguments(argv);
    if (help) process.stdout.write(helpText(options));
    else if (askedVersion) process.stdout.write(`${version}\n`);
    else await run(options, argv);
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error;
    process.stderr.write(`${options.name}: the configuration cannot be used:\n`);
    for (const line of error.lines) process.stderr.write(`  ${line}\n`);
    process.exitCode = exitCodes.configuration;
  }
}

async function answerHealthcheck(argv: readonly string[]): Promise<void> {
  const { well, line } = await healthcheck({ argv, env: process.env, cwd: process.cwd() });
  process.stdout.write(`${line}\n`);
  process.exitCode = well ? exitCodes.ok : exitCodes.failed;
}

async function run({ name, service, start }: RunProcessOptions, argv: readonly string[]): Promise<void> {
  const loaded = await loadConfig({
    argv,
    env: process.env,
    cwd: process.cwd(),
    ...(service !== undefined && { service }),
  });
  const { config, limits, live } = loaded;
  if (readArguments(argv).printConfig) {
    for (const warning of loaded.warnings) process.stderr.write(`${name}: ${warning}\n`);
    process.stdout.write(effectiveText(loaded.values));
    return;
  }
  const instance = `${name}-${hostname()}-${systemRandomness.uuid().slice(0, 8)}`;
  const telemetry = createTelemetry({
    service: name,
    instance,
    version,
    level: config.federation.log.level,
    loggers: config.federation.log.loggers,
    format: config.federation.log.format,
    otlpEndpoint: config.federation.telemetry.otlpEndpoint,
    secrets: loaded.secrets,
  });
  const { log } = telemetry;
  const die = (error: unknown): never => {
    log.fatal({ err: error }, 'an error that nobody caught');
    process.exit(exitCodes.failed);
  };
  process.on('uncaughtException', die).on('unhandledRejection', die);
  for (const warning of loaded.warnings) log.warn({ warning }, `configuration: ${warning}`);

  const following = loaded.follow({
    secret: (value) => telemetry.secrets.add(value),
    changed: (keys) => log.info(`a watched secret has changed; from now on the new value is used: ${keys}`),
    atNextStart: (keys) =>
      log.warn(`a watched secret has changed; it takes effect at the next start: ${keys}`),
    trouble: (line) => log.warn(`a watched secret cannot be used now; the last value stays: ${line}`),
  });
  const stopping = onStopSignal({
    log,
    clock: systemClock,
    withinMs: limits.shutdown,
    exit: () => process.exit(exitCodes.failed),
  });
  const health = createHealth();
  // Nothing is ready before the components have reported.
  health.set('start', { status: 'down', required: true, detail: 'starting' });
  const nodeRoutes = createNodeRoutes();
  const context: ProcessContext = {
    config,
    values: loaded.values,
    live,
    limits,
    telemetry,
    health,
    nodeRoutes,
    version,
    instance,
    clock: systemClock,
    random: systemRandomness,
    signal: stopping,
  };
  let http: Awaited<ReturnType<typeof startHttpServer>>;
  let code: number = exitCodes.ok;
  try {
    http = await startHttpServer({
      config,
      values: loaded.values,
      identity: { name, instance, version, services: service === undefined ? everyService : [service] },
      health,
      nodeRoutes,
      telemetry,
      clock: systemClock,
    });
    const running = await start(context);
    health.remove('start');
    log.info('started');
    await aborted(stopping);
    if (!(await within(running.stop(), limits.shutdown - closingMs))) {
      log.error('not everything could be stopped in time; what was under way is handed back or swept');
      code = exitCodes.failed;
    }
  } catch (error) {
    code = stopping.aborted ? exitCodes.ok : failure(error, log);
  }
  await within(Promise.allSettled([http?.stop(), following.stop(), telemetry.shutdown()]), closingMs);
  // The field is not `code`: elsewhere `code` is a text, and a log index accepts only one type per field.
  log.info({ exitCode: code }, 'stopped');
  process.exit(code);
}

/** Logs why the start failed, in one clear line when the reason is known. Returns the exit code. */
function failure(error: unknown, log: Telemetry['log']): number {
  if (error instanceof ConfigurationError) {
    for (const line of error.lines) log.fatal(`configuration: ${line}`);
    return exitCodes.configuration;
  }
  if (error instanceof FederationError) log.fatal({ code: error.code }, describeError(error));
  else log.fatal({ err: error }, 'could not start');
  return exitCodes.failed;
}

function aborted(signal: AbortSignal): Promise<void> {
  // Only a signal ends this wait, so something must keep the process alive until then.
  const alive = setInterval(() => undefined, 60_000);
  return new Promise((resolve) => {
    const done = (): void => {
      clearInterval(alive);
      resolve();
    };
    if (signal.aborted) done();
    else signal.addEventListener('abort', done, { once: true });
  });
}

/** Whether the work ended in time. */
async function within(work: Promise<unknown>, ms: number): Promise<boolean> {
  const late = new AbortController();
  const result = await Promise.race([
    work.then(() => true),
    systemClock.sleep(ms, late.signal).then(() => false),
  ]);
  late.abort();
  return result;
}
