/**
 * The console beside the services. Nothing waits for it and nothing ends with it: while it cannot start, the agent goes
 * on without it, says so once and tries again.
 */
import type { RunDoctor } from '@federation-agent/console';
import { describeError } from '@federation-agent/base';
import {
  type Health,
  type ProcessContext,
  type RunningService,
  scopeHealth,
  startService,
} from '@federation-agent/service-kit';

const component = 'console';
const whatToDo =
  'The agent goes on without it. Let its user at the broker do what the console needs (npm run broker:users), or set federation.console.enabled to false';

/** Returns at once. `stop` also ends a start that is under way. */
export function startConsole(context: ProcessContext): RunningService {
  const { config, limits, clock, telemetry } = context;
  if (!config.federation.console.enabled) return { stop: () => Promise.resolve() };
  const stopping = new AbortController();
  const signal = AbortSignal.any([context.signal, stopping.signal]);
  const health = besideOthers(scopeHealth(context.health, 'console'));
  let said = false;

  const report = (reason: string): void => {
    if (signal.aborted) return;
    const detail = `the console has not started: ${reason}. ${whatToDo}`;
    health.set(component, { status: 'degraded', detail });
    if (!said) telemetry.forService('console').log.warn(detail);
    said = true;
  };
  const startOnce = async (): Promise<RunningService> => {
    const { consoleService } = await import('@federation-agent/console');
    return startService(
      { ...context, health, signal },
      { service: 'console', start: consoleService({ runDoctor }), brokerConfig: config.federation.broker },
    );
  };
  const starting = (async (): Promise<RunningService | undefined> => {
    while (!signal.aborted) {
      const ended = new AbortController();
      void clock.sleep(limits.consoleStart, AbortSignal.any([signal, ended.signal])).then(() => {
        if (!ended.signal.aborted) report('the broker does not serve it yet');
      });
      try {
        return await startOnce();
      } catch (error) {
        report(describeError(error));
      } finally {
        ended.abort();
      }
      await clock.sleep(limits.refusedRetry, signal);
    }
    return undefined;
  })();
  return {
    stop: async () => {
      stopping.abort();
      await (await starting)?.stop();
    },
  };
}

/** Whatever becomes of the console, the agent is ready. */
function besideOthers(health: Health): Health {
  return {
    ...health,
    set: (name, { required: _required, ...state }) => health.set(name, state),
  };
}

/** The checks of `federation-agent doctor`, with the configuration that this process was started with. */
const runDoctor: RunDoctor = async (waitingFor) => {
  const { runDoctor: run } = await import('@federation-agent/doctor');
  return (
    await run({ argv: process.argv.slice(2), env: process.env, cwd: process.cwd() }, { waitingFor })
  ).map(({ lines, ...check }) => ({ ...check, ...(lines && { lines: [...lines] }) }));
};
