/** An estate of REST, HTTP and WebSocket APIs under custom domains, with every opt-in on. */
import { apisOfReachEstate, reachEstate, reachKeys, seedReachEstate } from '../../support/reach-estate.ts';
import { openArena, untilScanned } from '../support/contestants.ts';
import type { BenchCase, Figure } from '../support/figure.ts';

/** Of the arena, in the first region. */
const restApisBeside = 10;
/** A minute and a half of scanning at the default rate would be most of the case. */
const rate = { requestsPerSecond: '8', burst: '10' };

export const reach: BenchCase = {
  name: 'reach',
  about:
    'An estate of 310 REST, 300 HTTP and 50 WebSocket APIs under 100 domains, in ten regions, with every opt-in on. The ' +
    'baseline of the calls of the first scan is the formula of docs/aws-control-plane.md.',
  run: async (quick) => {
    const arena = await openArena({ apis: restApisBeside });
    try {
      await seedReachEstate(arena.aws);
      const keys = { ...reachKeys, ...rate, region: reachEstate.regions.join(',') };
      const agent = await arena.agent(
        Object.fromEntries(
          Object.entries(keys).map(([key, value]) => [
            `gravitee_integration_providers_0_configuration_${key}`,
            value,
          ]),
        ),
      );
      await untilScanned(agent, reachEstate.regions.length);
      const calls = (await arena.aws.log()).filter(({ path }) => path !== '/').length;
      const times: number[] = [];
      for (let round = 0; round < (quick ? 3 : 10); round += 1) {
        const began = performance.now();
        const answer = await arena.apim.discover(arena.integrations.agent);
        times.push(performance.now() - began);
        const found = (answer.payload as { apis: unknown[] }).apis.length;
        if (found !== apisOfReachEstate() + restApisBeside) throw new Error(`${found} APIs were discovered`);
      }
      await agent.stop();
      return [
        { name: 'calls of the first scan', unit: 'in all', baseline: [fewestCalls()], ours: [calls] },
        { name: 'DISCOVER', unit: 'ms', ours: times, goal: { atMost: 2_000 } },
      ] satisfies Figure[];
    } finally {
      await arena.stop();
    }
  },
};

/**
 * Three lists, the account, and the domains with one call each and one more for those with rules; GetStages of each
 * API; a document of each stage, two calls for a WebSocket API.
 */
function fewestCalls(): number {
  const { regions, restApis, httpApis, webSocketApis, domains } = reachEstate;
  const withRules = domains / 10;
  const lists = 3 + 1 + 1 + domains + withRules;
  const stages = restApis + httpApis + webSocketApis;
  const documents = restApis + httpApis + 2 * webSocketApis;
  return regions.length * (lists + stages + documents) + 2 * restApisBeside;
}
