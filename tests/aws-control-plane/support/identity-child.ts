/**
 * For tests, in a separate process: the SDK itself reads the environment, so each case gets a complete one. It never
 * reads this machine's own AWS configuration.
 */
import { AgentConfig, BudgetRecord, limitsAt, realLimits } from '@federation-agent/contracts';
import { type ControlPlane, createControlPlane } from '@federation-agent/aws-control-plane';
import { describeError, systemClock, systemRandomness } from '@federation-agent/base';
import { testTelemetry } from '@federation-agent/base/test';
import { openBucket } from '@federation-agent/broker';
import { connectTestBroker } from '@federation-agent/broker/test';
import type { ChildAnswer, ChildRequest } from './identities.ts';

const [, , brokerUrl = ''] = process.argv;
const server = { url: brokerUrl, port: 0, stop: nothing, kill: nothing, restart: nothing };
const broker = await connectTestBroker(server, 'aws-discovery', limitsAt(1));
const budget = await openBucket(broker, 'budget', BudgetRecord);
const planes = new Map<number, { readonly plane: ControlPlane; readonly log: () => readonly unknown[] }>();

process.on('message', (request: ChildRequest) => {
  void answer(request).then((given: ChildAnswer) => process.send?.(given));
});
process.on('disconnect', () => process.exit());
process.send?.({ id: -1 } satisfies ChildAnswer);

async function answer({ id, plane, open, ask }: ChildRequest): Promise<ChildAnswer> {
  try {
    if (open) planes.set(plane, opened(open));
    const known = planes.get(plane);
    if (!known) throw new Error(`no plane ${plane}`);
    const { ready, waiting } = await known.plane.targets();
    const shown = ready.map(({ account, region, identity }) => ({ account, region, identity }));
    if (ask === 'targets') return { id, targets: { ready: shown, waiting }, log: known.log() };
    const apis = await Promise.all(ready.map(({ reads }) => reads.restApis('scan')));
    return { id, apis: apis.map(({ length }) => length) };
  } catch (error) {
    return { id, error: describeError(error) };
  }
}

function opened({ env, configuration }: NonNullable<ChildRequest['open']>) {
  for (const name of Object.keys(process.env)) Reflect.deleteProperty(process.env, name);
  Object.assign(process.env, env);
  const provider = { type: 'aws-api-gateway', integrationId: 'test', configuration };
  const [parsed] = AgentConfig.parse({ integration: { providers: [provider] } }).integration.providers;
  if (!parsed) throw new Error('no provider');
  const telemetry = testTelemetry();
  const plane = createControlPlane({
    integrationId: 'test',
    configuration: { ...parsed.configuration, requestsPerSecond: 1_000, burst: 1_000 },
    telemetry,
    budget,
    broker,
    clock: systemClock,
    random: systemRandomness,
    limits: realLimits,
  });
  return { plane, log: () => telemetry.lines().map(({ msg }) => msg) };
}

function nothing(): Promise<void> {
  return Promise.resolve();
}
