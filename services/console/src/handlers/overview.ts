import type { Clock } from '@federation-agent/base';
import type { Overview } from '../api/index.ts';
import type { Handlers } from '../http/handlers.ts';
import type { ModelKeeper } from '../model-keeper.ts';
import { overviewOf } from '../model/overview.ts';
import type { ConsoleParts } from '../parts.ts';
import type { ReadModel } from '../read-model.ts';

export function overviewHandlers(parts: ConsoleParts): Pick<Handlers, 'overview'> {
  return { overview: () => readOverview(parts) };
}

/** A small model is whole by then. A large one shows how far it is. */
const patienceMs = 1_000;

export async function readOverview({ context, models, nodes, letters }: ConsoleParts): Promise<Overview> {
  const { broker, clock } = context;
  const [model, statuses, deadLetters] = await Promise.all([
    soon(models, clock),
    nodes.statuses(),
    // The stream is made by the services: until then there are none.
    broker.connected()
      ? letters.state().then(
          ({ messages }) => messages,
          () => 0,
        )
      : 0,
  ]);
  const targets = model.targets();
  return overviewOf({
    now: clock.now(),
    statuses,
    brokerDownSince: broker.connected() ? undefined : (broker.downSince() ?? clock.now()),
    trouble: model.trouble(),
    loaded: model.loaded(),
    targets,
    counts: {
      ...model.estate.counts(),
      ...model.subscriptions.counts(),
      targets: targets.length,
      ingestsRunning: model.jobs().filter(({ state }) => state === 'running' || state === 'announced').length,
      deadLetters,
    },
  });
}

async function soon(models: ModelKeeper, clock: Clock): Promise<ReadModel> {
  const model = await models.open();
  const enough = new AbortController();
  const whole = model.whole().catch(() => undefined); // The overview says that the broker is away.
  await Promise.race([whole, clock.sleep(patienceMs, enough.signal)]);
  enough.abort();
  return model;
}
