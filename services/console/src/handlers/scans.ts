import { AskScanDone } from '@federation-agent/contracts';
import { askOperator, OperatorRefusal } from '@federation-agent/broker';
import { ApiProblem } from '../http/api-error.ts';
import type { Handlers } from '../http/handlers.ts';
import type { ConsoleParts } from '../parts.ts';

export function scanHandlers({
  context,
  models,
}: ConsoleParts): Pick<Handlers, 'scans' | 'scan' | 'ingests'> {
  const { broker } = context;
  return {
    scans: async () => ({ targets: (await models.whole()).targets() }),
    ingests: async () => ({ jobs: (await models.whole()).ingests() }),
    scan: async ({ body, by }) => {
      const { integrationId: only, ...where } = body;
      const model = await models.whole();
      const known = new Set(model.targets().map(({ integrationId }) => integrationId));
      const wanted = [...known].filter((one) => only === undefined || only === one);
      let targets = 0;
      for (const integrationId of wanted) {
        const subject = broker.subjects.operator('scan', integrationId);
        const request = { integrationId, ...where, by };
        try {
          const done = await askOperator(broker, { who: 'aws-discovery', subject, request }, AskScanDone);
          targets += done.targets.length;
        } catch (error) {
          // Another integration may have this account and region.
          if (!(error instanceof OperatorRefusal) || error.status !== 404) throw error;
        }
      }
      if (targets === 0) throw new ApiProblem(404, 'no integration scans such an account and region');
      return { message: `${targets} ${targets === 1 ? 'scan was' : 'scans were'} asked for`, targets };
    },
  };
}
