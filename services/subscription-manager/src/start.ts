/** The service: a worker for SUBSCRIBE and UNSUBSCRIBE, and a sweeper. */
import { openChunkStore, startWorker } from '@federation-agent/broker';
import type { Health, StartService } from '@federation-agent/service-kit';
import { subscribe } from './commands/subscribe.ts';
import { unsubscribe } from './commands/unsubscribe.ts';
import { openSaga } from './open-saga.ts';
import { answerOperatorRequests } from './operator/requests.ts';
import { operatorRoutes } from './operator/routes.ts';
import { answerKeyRequests } from './reconcile/requests.ts';
import { startSweeper, type SweepResult } from './saga/sweep.ts';
import { operatorHint } from './saga/texts.ts';
import { startTargetWatch } from './target-watch.ts';

/** The part of `limits.shutdown` that commands under way may take at stop. */
const workerShare = 0.6;

export const startSubscriptionManager: StartService = async (context) => {
  const { broker, config, limits, telemetry, instance, clock, health, nodeRoutes } = context;
  const integrationIds = config.integration.providers.map(({ integrationId }) => integrationId);
  const saga = await openSaga(context);
  const payloads = await openChunkStore(broker, 'payloads');

  const targetWatch = startTargetWatch(saga.targets.planes, context);
  const sweeper = startSweeper(saga, {
    integrationIds,
    onSwept: (result) => showSweepHealth(health, result),
  });
  const worker = await startWorker({
    broker,
    kind: 'subscription',
    integrationIds,
    telemetry,
    instance,
    clock,
    payloads,
    handle: (command, commandContext) =>
      command.type === 'SUBSCRIBE'
        ? subscribe(saga, command, commandContext)
        : unsubscribe(saga, command, commandContext),
  });
  const routes = operatorRoutes(saga, integrationIds);
  nodeRoutes?.add(routes);
  const answering = [answerOperatorRequests(saga, integrationIds), answerKeyRequests(saga, integrationIds)];
  return {
    stop: async () => {
      nodeRoutes?.remove(routes);
      for (const one of answering) one.stop();
      const share = limits.shutdown * workerShare;
      const stopped = new AbortController();
      try {
        await Promise.all([
          worker.stop(share),
          targetWatch.stop(),
          Promise.race([sweeper.stop(), clock.sleep(share, stopped.signal)]),
        ]);
      } finally {
        stopped.abort();
        saga.targets.close();
        health.remove(component);
      }
    },
  };
};

const component = 'subscriptions';

function showSweepHealth(health: Health, result: SweepResult): void {
  if ('failed' in result) {
    health.set(component, { status: 'degraded', detail: `the last sweep failed: ${result.failed}` });
    return;
  }
  const { records, failures, unsealable, unresolved, elsewhere } = result;
  const unconfirmed = records['unconfirmed'] ?? 0;
  const [failure] = failures;
  const wrong = [
    ...(failure === undefined ? [] : [`${counted(failures.length)} cannot be swept: ${failure}`]),
    ...(unsealable === undefined ? [] : [unsealable]),
    ...(unresolved > 0
      ? [`${counted(unresolved)} with API keys of unknown id, to be deleted in AWS by their names`]
      : []),
  ];
  // Nothing is wrong here, and it ends when the subscription is accepted again.
  const open =
    unconfirmed > 0 ? [`${counted(unconfirmed)} with an API key that APIM may or may not have`] : [];
  const others = [...elsewhere].map(
    ([integrationId, count]) => `${counted(count)} of ${integrationId}, which is not configured here`,
  );
  const way = unresolved + unconfirmed > 0 ? [`To do: ${operatorHint}`] : [];
  const detail = [...wrong, ...open, ...others, ...way].join('; ');
  health.set(component, {
    status: wrong.length === 0 ? 'up' : 'degraded',
    ...(detail !== '' && { detail }),
    data: { records },
  });
}

function counted(records: number): string {
  return records === 1 ? '1 record' : `${records} records`;
}
