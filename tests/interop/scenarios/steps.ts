import { expect } from '@jest/globals';
import { eventually, SERVICES } from '../../support/index.ts';
import type {
  AgentProcess,
  ApimPeer,
  ApiStage,
  ApiSubscription,
  Channel,
  ControlEvent,
  FederatedApi,
  Job,
  StartOptions,
  World,
} from '../../support/index.ts';

const AT_ONCE = 8;
/** Who is alone for so long and not primary will not be elected any more. */
const ELECTION_MS = 5_000;

/** The number of the controller's last event: what comes after it is new. */
export async function now(apim: ApimPeer): Promise<number> {
  return (await apim.events()).at(-1)?.seq ?? 0;
}

/**
 * The active channels of an integration. The real controller keeps an inactive one for ever when a health round came
 * between its upgrade and its HELLO and the connector obeyed the GOOD_BYE: that one is nothing.
 */
export async function activeChannels(apim: ApimPeer, integration: string): Promise<Channel[]> {
  return (await apim.channels(integration)).filter(({ active }) => active);
}

/**
 * Waits until an integration has so many active channels; one alone is primary. Of two that come at the same moment
 * the real controller may elect none, and beside an inactive one (see `activeChannels`) it may elect that. One that
 * comes while the one before is being forgotten was seen alone and not primary for good. This changes nothing: commands
 * go to an active channel, primary or not.
 *
 * A channel that was told GOOD_BYE does not count. A health round does that between an upgrade and its HELLO, and the
 * channel may still become active before its link obeys.
 */
export function untilActive(apim: ApimPeer, integration: string, count = 1): Promise<Channel[]> {
  const seenAt = new Map<string, number>();
  const isOld = (channels: readonly Channel[]): boolean =>
    channels.every(({ id }) => {
      const first = seenAt.get(id) ?? performance.now();
      seenAt.set(id, first);
      return performance.now() - first > ELECTION_MS;
    });
  const look = async (): Promise<Channel[] | undefined> => {
    const all = await apim.channels(integration);
    const channels = all.filter(({ active }) => active);
    if (channels.length !== count) return undefined;
    const hasPrimary = channels.some(({ primary }) => primary === true) || channels.length < all.length;
    if (count === 1 && !hasPrimary && !isOld(channels)) return undefined;
    const leaving = new Set((await apim.events()).filter(isGoodBye).map(({ channel }) => channel));
    return channels.some(({ id }) => leaving.has(id)) ? undefined : channels;
  };
  return eventually(`${count} active channels of ${integration}`, look, {
    lastSeen: () => apim.channels(integration),
  });
}

const isGoodBye = ({ kind, type }: ControlEvent): boolean => kind === 'command' && type === 'GOOD_BYE';

/** Waits until an integration has no active channel. */
export async function untilGone(apim: ApimPeer, integration: string): Promise<void> {
  const look = async (): Promise<true | undefined> =>
    (await activeChannels(apim, integration)).length === 0 ? true : undefined;
  await eventually(`${integration} to have no channel`, look, { lastSeen: () => apim.channels(integration) });
}

/** Waits until every link of the agent has an active channel for an integration. */
export function untilConnected({ apim, agent }: World, integration: string): Promise<Channel[]> {
  return untilActive(apim, integration, agent.replicas['gateway-link']);
}

/**
 * Starts what waits until aws-discovery is there. It comes up while the account is being filled: a scan is to see all
 * of an account, or nothing.
 */
export function startWaiting({ agent }: World): void {
  for (const service of SERVICES) if (service !== 'aws-discovery') agent.startAll(service);
}

/** The services that do not run yet, started, and all connected. */
export async function startConnected(world: World, integrations: readonly string[]): Promise<void> {
  for (const service of SERVICES) if (world.agent.of(service).length === 0) world.agent.startAll(service);
  for (const integration of integrations) await untilConnected(world, integration);
}

/** Plays something with a gateway-link of its own, which is gone at the end. */
export async function withLink(
  { agent, apim }: World,
  options: StartOptions & { readonly only: readonly string[] },
  run: (link: AgentProcess) => Promise<void>,
): Promise<void> {
  const link = agent.start('gateway-link', options);
  try {
    await run(link);
  } finally {
    await link.end('SIGKILL');
    const known = new Set((await apim.integrations()).map(({ id }) => id));
    for (const integration of options.only.filter((id) => known.has(id))) {
      const others = agent.of('gateway-link').length;
      await eventually(`the link of ${integration} to be gone`, async () =>
        (await activeChannels(apim, integration)).length <= others ? true : undefined,
      );
    }
  }
}

/** REST APIs of one stage each, all in one plan. */
export async function makeApis(
  { aws }: World,
  options: {
    count: number;
    name: string;
    plan: string;
    region?: string;
    describe?: (index: number) => string;
  },
): Promise<{ stages: ApiStage[]; planId: string }> {
  const { count, name, plan, region } = options;
  const place = region === undefined ? {} : { region };
  const add = (index: number): Promise<ApiStage> => {
    const description = options.describe?.(index) ?? `Everything about ${name} ${index}`;
    return aws.addApi({ name: `${name}-${index}`, description, ...place });
  };
  const stages: ApiStage[] = [];
  while (stages.length < count) {
    const together = Math.min(AT_ONCE, count - stages.length);
    stages.push(...(await Promise.all(Array.from({ length: together }, (_, at) => add(stages.length + at)))));
  }
  return { stages, planId: await aws.addPlan(plan, stages, region) };
}

/** `uniqueId` and `id` of an API at a stage. */
export function idOf({ aws }: World, { apiId, stage }: ApiStage, region = aws.region): string {
  return `${aws.account}:${region}:${apiId}:${stage}`;
}

/**
 * The first ingest of a world, which must end well. On a busy machine a health round may come between an upgrade and
 * its HELLO. Its GOOD_BYE ends a START_INGEST that APIM sent meanwhile, and a publisher asks once more.
 */
export async function firstIngest(world: World, integration: string): Promise<Job> {
  const started = await eventually('a START_INGEST that is taken', async () => {
    const answer = await world.apim.ingest(integration);
    if (answer.jobId !== undefined) return answer;
    await untilConnected(world, integration);
    return undefined;
  });
  return untilDone(world.apim, integration, started);
}

/** An ingest of these APIs, or of all, that must end well. */
export async function ingest(apim: ApimPeer, integration: string, apiIds?: readonly string[]): Promise<Job> {
  return untilDone(apim, integration, await apim.ingest(integration, apiIds));
}

async function untilDone(
  apim: ApimPeer,
  integration: string,
  started: Awaited<ReturnType<ApimPeer['ingest']>>,
): Promise<Job> {
  expect(started).toMatchObject({
    jobId: expect.any(String),
    status: expect.stringMatching('PENDING|SUCCESS'),
  });
  const job = await apim.untilJobEnds(integration, started.jobId ?? '', 60_000);
  expect(job).toMatchObject({ status: 'SUCCESS', dropped: 0, errors: [] });
  return job;
}

/** The API as APIM has it after an ingest. */
export async function federated(
  apim: ApimPeer,
  integration: string,
  uniqueId: string,
): Promise<FederatedApi> {
  const { apis } = await apim.apis(integration);
  const found = apis.find((api) => api.uniqueId === uniqueId);
  if (!found) throw new Error(`APIM has no ${uniqueId}, only ${apis.map((api) => api.uniqueId).join(', ')}`);
  return found;
}

/** Accepted, or the reason why not. */
export function expectAccepted({ status, errorDetails }: ApiSubscription): void {
  expect({ status, errorDetails: errorDetails ?? undefined }).toEqual({ status: 'ACCEPTED' });
}
