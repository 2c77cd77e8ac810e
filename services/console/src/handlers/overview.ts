import type { Overview } from '../api/index.ts';
import type { Handlers } from '../http/handlers.ts';
import { overviewOf } from '../model/overview.ts';
import type { ConsoleParts } from '../parts.ts';

export function overviewHandlers(parts: ConsoleParts): Pick<Handlers, 'overview'> {
  return { overview: () => readOverview(parts) };
}

export async function readOverview({ context, model, nodes, letters }: ConsoleParts): Promise<Overview> {
  const { broker, clock } = context;
  const [statuses, deadLetters] = await Promise.all([
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
