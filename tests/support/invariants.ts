import { expect } from '@jest/globals';
import { limitsAt } from '@federation-agent/contracts';
import type { AwsKey } from './aws-peer.ts';
import type { ApiSubscription, ControlEvent } from './control-client.ts';
import { untilHolds } from './eventually.ts';
import type { World } from './world.ts';

/** Where a scenario began. */
export interface Watch {
  /** The last event of the controller before it. */
  readonly since: number;
  readonly integrations: readonly string[];
}

/** What a busy machine may need on top of what the saga may wait. */
const SLACK_MS = 30_000;

export async function beginWatch({ apim }: World): Promise<Watch> {
  const events = await apim.events();
  const integrations = (await apim.integrations()).map(({ id }) => id);
  return { since: events.at(-1)?.seq ?? 0, integrations };
}

/**
 * What must hold after every scenario, whatever happened in it: the controller could read all we wrote and waited for
 * nothing in vain, the keys in AWS are those that APIM holds, no plan left APIM unasked, and no secret is in a log.
 */
export async function checkInvariants(world: World, { since, integrations }: Watch): Promise<void> {
  const events = await world.apim.events(since);
  expect(events.filter(({ kind }) => kind === 'unreadable' || kind === 'ingest-dropped')).toEqual([]);
  expect(events.filter(unanswered)).toEqual([]);
  const { lateCall } = limitsAt(world.timeScale);
  await untilHolds(() => keysAreThoseOfApim(world, integrations), lateCall + SLACK_MS);
  await noSecretIsLogged(world, integrations);
}

/** A command that the controller waited for until its time-out. Nobody answers a GOOD_BYE. */
function unanswered({ kind, type, error }: ControlEvent): boolean {
  return kind === 'command-failed' && type !== 'GOOD_BYE' && /timeout/iu.test(error ?? '');
}

/** The keys of the agent in AWS: enabled, in the plan, with the value that APIM has; and no other. */
export async function keysAreThoseOfApim(
  { apim, aws }: World,
  integrations: readonly string[],
): Promise<void> {
  const accepted = (await Promise.all(integrations.map((id) => apim.subscriptions(id))))
    .flat()
    .filter(({ status }) => status === 'ACCEPTED');
  const keys = await agentKeys(aws, accepted);
  expect(keys.map(({ value, enabled, planIds }) => ({ value, enabled, planIds })).sort(byValue)).toEqual(
    accepted
      .map(({ apiKey, planId }) => ({ value: apiKey ?? '', enabled: true, planIds: [planId] }))
      .sort(byValue),
  );
}

/** Keys that bear the agent's name, in every region that a subscription or the default names. */
async function agentKeys(aws: World['aws'], accepted: readonly ApiSubscription[]): Promise<AwsKey[]> {
  const regions = new Set([
    aws.region,
    ...accepted.flatMap(({ metadata }) => metadata?.['aws.region'] ?? []),
  ]);
  const keys = await Promise.all([...regions].map((region) => aws.keys(region)));
  return keys.flat().filter(({ name }) => name.startsWith('gravitee-'));
}

function byValue(a: { value: string }, b: { value: string }): number {
  return a.value.localeCompare(b.value);
}

async function noSecretIsLogged({ apim, aws, agent }: World, integrations: readonly string[]): Promise<void> {
  const subscriptions = (await Promise.all(integrations.map((id) => apim.subscriptions(id)))).flat();
  const secrets = [
    apim.token,
    aws.kind === 'sandbox' ? aws.credentials.secretAccessKey : undefined,
    ...subscriptions.map(({ apiKey }) => apiKey),
  ];
  const log = agent.logText();
  // Counted, not shown: the message of a failed test is a log too.
  expect(secrets.filter((secret) => typeof secret === 'string' && log.includes(secret))).toHaveLength(0);
}
