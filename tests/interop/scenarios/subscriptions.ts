import { expect } from '@jest/globals';
import { routingKeys } from '@federation-agent/contracts';
import { awsFaults, playIn } from '../../support/index.ts';
import type { ApiSubscription, ApiStage, AwsKey, FaultAction, Peers, World } from '../../support/index.ts';
import { expectAccepted, firstIngest, idOf, makeApis, startConnected, startWaiting } from './steps.ts';

const integration = 'integration-1';
/** W, the 15 minutes that a lost call may still execute, takes 9 s; most other durations are at their floors. */
const timeScale = 100;

const createApiKey = { method: 'POST', path: /^\/apikeys$/u };
const anyKeyMaker = { method: 'POST', path: /^\/apikeys/u };
const createUsagePlanKey = { method: 'POST', path: /^\/usageplans\/[^/]+\/keys/u };

const limitExceeded = {
  kind: 'answer',
  status: 429,
  headers: { 'content-type': 'application/json', 'x-amzn-errortype': 'LimitExceededException' },
  body: JSON.stringify({ message: 'API Keys limit exceeded' }),
} as const satisfies FaultAction;

/** SUBSCRIBE and UNSUBSCRIBE, and AWS that fails, hangs or loses its answers meanwhile. */
export function subscriptionScenarios(peers: Peers): void {
  let made: { stages: ApiStage[]; planId: string } = { stages: [], planId: '' };

  const scenario = playIn(peers, {
    timeScale,
    integrations: [{ id: integration }],
    prepare: async (world) => {
      startWaiting(world);
      made = await makeApis(world, { count: 3, name: 'orders', plan: 'gold' });
      await startConnected(world, [integration]);
      await firstIngest(world, integration);
    },
  });

  const subscribe = (world: World, applicationName: string): Promise<ApiSubscription> =>
    world.apim.subscribe(integration, {
      apiId: idOf(world, made.stages[0] ?? { apiId: '', stage: '' }),
      planId: made.planId,
      applicationId: 'application-1',
      applicationName,
    });
  const accepted = async (world: World, applicationName: string): Promise<ApiSubscription> => {
    const subscription = await subscribe(world, applicationName);
    expectAccepted(subscription);
    return subscription;
  };
  const closed = async ({ apim }: World, { id }: ApiSubscription): Promise<void> => {
    expect(await apim.unsubscribe(integration, id)).toMatchObject({ status: 'CLOSED' });
  };
  const keysWith = async ({ aws }: World, { apiKey }: ApiSubscription): Promise<AwsKey[]> =>
    (await aws.keys()).filter(({ value }) => value === apiKey);

  scenario(
    'subscribe: the key is in AWS, enabled, in the plan, with the value that APIM has; unsubscribe: it is gone',
    async (world) => {
      const subscription = await accepted(world, 'My "app" ;; 🚀');
      const [key, ...others] = await keysWith(world, subscription);
      expect(others).toEqual([]);
      expect(key).toMatchObject({ enabled: true, planIds: [made.planId] });
      expect(key?.name).toMatch(new RegExp(`^gravitee-${subscription.id}-1`, 'u'));
      expect(key?.description).toContain(integration);
      expect(subscription.metadata).toMatchObject({
        [routingKeys.apiKeyId]: key?.id,
        [routingKeys.account]: world.aws.account,
        [routingKeys.region]: world.aws.region,
        [routingKeys.usagePlanId]: made.planId,
      });
      await closed(world, subscription);
      expect(await keysWith(world, subscription)).toEqual([]);
    },
  );

  scenario('subscribe again with the same id: the same key', async (world) => {
    const first = await accepted(world, 'again');
    const [before] = await keysWith(world, first);
    const second = await world.apim.retry(integration, first.id);
    expect(second).toMatchObject({ status: 'ACCEPTED', apiKey: first.apiKey });
    expect(second.metadata?.[routingKeys.apiKeyId]).toBe(before?.id);
    expect(await keysWith(world, first)).toEqual([before]);
    await closed(world, first);
  });

  scenario('unsubscribe twice: both succeed', async (world) => {
    const subscription = await accepted(world, 'twice');
    await closed(world, subscription);
    await closed(world, subscription);
  });

  scenario('after an unsubscribe the same id gets a new key', async (world) => {
    const first = await accepted(world, 'lives');
    await closed(world, first);
    const second = await world.apim.retry(integration, first.id);
    expect(second).toMatchObject({ status: 'ACCEPTED' });
    expect(second.apiKey).not.toBe(first.apiKey);
    await closed(world, second);
  });

  scenario('a key that was deleted by hand: unsubscribe succeeds', async (world) => {
    const subscription = await accepted(world, 'by hand');
    const [key] = await keysWith(world, subscription);
    await world.aws.deleteKey(key?.id ?? '');
    await closed(world, subscription);
  });

  scenario(
    'AWS says TooManyRequests to CreateApiKey and to CreateUsagePlanKey: tried again, accepted',
    async (world) => {
      const { tooManyRequests: action } = awsFaults;
      const faults = [createApiKey, createUsagePlanKey].map((on) =>
        world.aws.faults.fault({ ...on, times: 1, action }),
      );
      const subscription = await accepted(world, 'throttled');
      expect(faults.map((fault) => fault.hits())).toEqual([1, 1]);
      expect(await keysWith(world, subscription)).toHaveLength(1);
      await closed(world, subscription);
    },
  );

  scenario('AWS has no room for another key: an error that says so, and no key', async (world) => {
    const fault = world.aws.faults.fault({ ...createApiKey, action: limitExceeded });
    const subscription = await subscribe(world, 'full');
    fault.release();
    expect(subscription).toMatchObject({
      status: 'REJECTED',
      errorDetails: expect.stringMatching(/limit/iu),
    });
  });

  scenario(
    'the answer of CreateApiKey is lost: one key, and the subscription works',
    async (world) => {
      const action = { kind: 'reset', when: 'after' } as const;
      const fault = world.aws.faults.fault({ ...createApiKey, times: 1, action });
      const subscription = await accepted(world, 'lost answer');
      expect(fault.hits()).toBe(1);
      expect(await keysWith(world, subscription)).toHaveLength(1);
      await closed(world, subscription);
    },
    { needs: 'ImportApiKeys' },
  );

  scenario(
    'the answer of CreateUsagePlanKey is lost: AWS says 409 to the second, and the subscription works',
    async (world) => {
      const action = { kind: 'reset', when: 'after' } as const;
      const fault = world.aws.faults.fault({ ...createUsagePlanKey, times: 1, action });
      const subscription = await accepted(world, 'lost attach');
      expect(fault.hits()).toBe(1);
      expect(await keysWith(world, subscription)).toMatchObject([{ planIds: [made.planId] }]);
      await closed(world, subscription);
    },
    { needs: 'duplicate plan keys' },
  );

  scenario(
    'AWS hangs during a SUBSCRIBE, before and after it made the key: an error in time, and no key is left',
    async (world) => {
      for (const when of ['before', 'after'] as const) {
        const fault = world.aws.faults.fault({ ...anyKeyMaker, action: { kind: 'hang', when } });
        const subscription = await subscribe(world, `hangs ${when}`);
        expect(subscription).toMatchObject({ status: 'REJECTED', errorDetails: expect.any(String) });
        expect(subscription.elapsedMs).toBeLessThan(world.apim.commandTimeoutMs);
        expect(fault.hits()).toBeGreaterThan(0);
        // What hung before it was executed is executed now: long after its deadline.
        fault.release();
      }
    },
    { needs: 'ImportApiKeys', timeoutMs: 120_000 },
  );
}
