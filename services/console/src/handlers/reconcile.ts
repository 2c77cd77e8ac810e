import { KeyDeleted } from '@federation-agent/contracts';
import { askOperator, publishEvent } from '@federation-agent/broker';
import { ApiProblem } from '../http/api-error.ts';
import type { Handlers } from '../http/handlers.ts';
import type { ConsoleParts } from '../parts.ts';

type Names = 'reconciliation' | 'reconcile' | 'deleteKey';

export function reconcileHandlers({ context, reconciliations }: ConsoleParts): Pick<Handlers, Names> {
  const { broker, config, clock } = context;
  const known = new Set(config.integration.providers.map(({ integrationId }) => integrationId));
  return {
    reconciliation: () => reconciliations.last(),
    reconcile: ({ body, by }) => {
      if (!reconciliations.start(body, by)) throw new ApiProblem(409, 'a comparison is running already');
      const { integrationId = '', account, region } = body;
      publishEvent(broker, 'operator', {
        at: clock.now(),
        integrationId,
        actor: { kind: 'operator', name: by },
        outcome: 'ok',
        what: 'reconcile',
        ...(account !== undefined && { account }),
        ...(region !== undefined && { region }),
      });
      return reconciliations.last();
    },
    deleteKey: ({ body, by }) => {
      const { integrationId } = body;
      if (!known.has(integrationId)) throw new ApiProblem(404, `there is no integration ${integrationId}`);
      const subject = broker.subjects.operator('keys', integrationId);
      const request = { do: 'delete', ...body, by };
      return askOperator(broker, { who: 'subscription-manager', subject, request }, KeyDeleted);
    },
  };
}
