import { expect } from '@jest/globals';
import { limitsAt } from '@federation-agent/contracts';
import type { AwsKey } from './aws-peer.ts';
import type { ApiSubscription, ControlEvent } from './control-client.ts';
import { untilHolds } from './eventually.ts';
import type { World } from './world.ts';

/** The start of a scenario. */
export interface Watch {
  /** The controller's last event before it. */
  readonly since: number;
  readonly integrations: readonly string[];
}

/** Extra time for a busy machine, in addition to what the saga may wait. */
const SLACK_MS = 30_000;

export async function beginWatch({ apim }: World): Promise<Watch> {
  const events = await apim.events();
  const integrations = (await apim.integrations()).map(({ id }) => id);
  return { since: events.at(-1)?.seq ?? 0, integrations };
}

/**
 * What must hold after every scenario, whatever happened in it. The controller could read everything that we wrote, and
 * no command of it timed out. The keys in AWS are those that APIM holds. No plan left APIM without a request. No secret
 * is in a log.
 */
export async function checkInvariants(world: World, { since, integrations }: Watch): Promise<void> {
  const events = await world.apim.events(since);
  expect(events.filter(({ kind }) => kind === 'unreadable' || kind === 'ingest-dropped')).toEqual([]);
  expect(events.filter(unanswered)).toEqual([]);
  const { lateCall } = limitsAt(world.timeScale);
  await untilHolds(() => keysAreThoseOfApim(world, integrations), lateCall + SLACK_MS);
  await noSecretIsLogged(world, integrations);
}

/** A command that timed out at the controller. GOOD_BYE never gets a reply. */
function unanswered({ kind, type, error }: ControlEvent): boolean {
  return kind === 'command-failed' && type !== 'GOOD_BYE' && /timeout/iu.test(error ?? '');
}

/** The agent's keys in AWS must be enabled, in the plan, and have APIM's value; there must be no others. */
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

/** Keys with the agent's name, in every region of a subscription and in the default region. */
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
  // Counted, not shown, because the message of a failed test is a log too.
  expect(secrets.filter((secret) => typeof secret === 'string' && log.includes(secret))).toHaveLength(0);
}
