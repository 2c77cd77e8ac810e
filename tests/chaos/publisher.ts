import { setTimeout as pause } from 'node:timers/promises';
import { z } from 'zod';
import type { FederatedApi } from '../support/control-client.ts';
import { eventually } from '../support/eventually.ts';
import type { Granted, Ledger, Offer, Subscription } from './ledger.ts';
import type { Random } from './random.ts';
import { targetsOf } from './landscape.ts';
import type { Stack } from './stack.ts';

const PROVIDER = 'aws-api-gateway';
const PACE_MS = [50, 600] as const;
/**
 * Sometimes this many commands come at once, more than AWS allows, so that some are still running when a fault comes.
 */
const BURST = [3, 8] as const;

const Subscribed = z.object({
  subscription: z.looseObject({ apiKey: z.string(), metadata: z.record(z.string(), z.string()) }),
});
const Discovered = z.looseObject({
  apis: z.array(z.looseObject({ uniqueId: z.string() })),
  isPartialDiscovery: z.boolean().nullish(),
});

export type Outcome = 'succeeded' | 'refused' | 'no reply';

/** What the users of APIM do; each action is one command. */
export interface Publisher {
  readonly violations: readonly string[];
  /** Why the last SUBSCRIBE of a subscription was refused. */
  subscribe(subscription: Subscription): Promise<Outcome>;
  unsubscribe(subscription: Subscription): Promise<Outcome>;
  discover(integration: string): Promise<Outcome>;
  ingest(integration: string, apiIds?: readonly string[]): Promise<Outcome>;
  /** Sends random commands until aborted; resolves when the last command has ended. */
  publish(random: Random, until: AbortSignal): Promise<void>;
}

export function createPublisher(stack: Stack, ledger: Ledger, offers: readonly Offer[]): Publisher {
  const { apim, timeline, landscape } = stack;
  const violations: string[] = [];
  const noted = (what: string, outcome: Outcome, facts: object): Outcome => {
    timeline.note(`${what}: ${outcome}`, facts);
    return outcome;
  };

  async function subscribe(one: Subscription): Promise<Outcome> {
    const { integration, apiId, planId, details } = one.offer;
    one.subscribing += 1;
    const answer = await apim.command(integration, 'SUBSCRIBE', {
      apiId,
      subscription: {
        graviteeSubscriptionId: one.id,
        graviteeApplicationId: 'application-1',
        graviteeApplicationName: 'My "app" ;; 🚀',
        type: 'API_KEY',
        metadata: { planId, ...details },
      },
    });
    one.subscribing -= 1;
    const facts = { subscription: one.id };
    if (!answer) {
      one.unsure = true;
      return noted('SUBSCRIBE', 'no reply', facts);
    }
    if (answer.commandStatus !== 'SUCCEEDED') {
      return noted('SUBSCRIBE', 'refused', { ...facts, why: answer.errorDetails });
    }
    const { apiKey, metadata } = Subscribed.parse(answer.payload).subscription;
    const wrong = ledger.accepted(one, { apiKey, metadata });
    if (wrong !== undefined) violations.push(wrong);
    return noted('SUBSCRIBE', 'succeeded', { ...facts, keyId: metadata['aws.apiKeyId'] });
  }

  async function unsubscribe(one: Subscription): Promise<Outcome> {
    const held: Granted | undefined = one.granted ?? one.last;
    const { integration, apiId, details } = one.offer;
    one.unsubscribing += 1;
    const answer = await apim.command(integration, 'UNSUBSCRIBE', {
      apiId,
      subscription: { graviteeSubscriptionId: one.id, metadata: { ...details, ...held?.metadata } },
    });
    one.unsubscribing -= 1;
    const succeeded = answer?.commandStatus === 'SUCCEEDED';
    ledger.closedBy(one, succeeded);
    const facts = { subscription: one.id, why: answer?.errorDetails };
    return noted('UNSUBSCRIBE', succeeded ? 'succeeded' : answer ? 'refused' : 'no reply', facts);
  }

  async function discover(integration: string): Promise<Outcome> {
    const answer = await apim.command(integration, 'DISCOVER', {});
    if (answer?.commandStatus !== 'SUCCEEDED') {
      const why = answer?.errorDetails;
      return noted('DISCOVER', answer ? 'refused' : 'no reply', { integration, why });
    }
    const { apis, isPartialDiscovery: partial } = Discovered.parse(answer.payload);
    const all = targetsOf(landscape, integration).flatMap(({ stages }) => stages);
    if (partial !== true && apis.length !== all.length) {
      violations.push(`DISCOVER of ${integration} says it is whole and has ${apis.length} APIs`);
    }
    return noted('DISCOVER', 'succeeded', { integration, apis: apis.length, partial });
  }

  async function ingest(integration: string, apiIds?: readonly string[]): Promise<Outcome> {
    const run = apim.run();
    const started = await apim
      .peer()
      .ingest(integration, apiIds)
      .catch(() => undefined);
    if (started?.jobId == null || started.status === 'ERROR') {
      const unanswered = started?.jobId == null;
      const facts = { integration, why: started?.errorDetails };
      return noted('START_INGEST', unanswered ? 'no reply' : 'refused', facts);
    }
    const { jobId, total } = started;
    apim.jobs.push({ run, integration, jobId });
    return noted('START_INGEST', 'succeeded', { integration, jobId, total, asked: apiIds?.length });
  }

  /** Sometimes sends it twice at once, like two impatient publishers, or a gateway that repeats it. */
  const perhapsTwice = (random: Random, act: () => Promise<Outcome>): Promise<Outcome>[] =>
    random.chance(0.12) ? [act(), act()] : [act()];

  function step(random: Random): Promise<Outcome>[] {
    const dice = random.next();
    const { integration, stages } = random.pick(landscape.regions);
    if (dice < 0.35) {
      const made = ledger.open(random.pick(offers));
      return perhapsTwice(random, () => subscribe(made));
    }
    if (dice < 0.5) {
      const known = ledger.toSubscribe(random);
      return known ? perhapsTwice(random, () => subscribe(known)) : [];
    }
    if (dice < 0.75) {
      const known = ledger.toUnsubscribe(random);
      return known ? perhapsTwice(random, () => unsubscribe(known)) : [];
    }
    if (dice < 0.78) {
      const known = ledger.closed(random);
      return known ? [unsubscribe(known)] : [];
    }
    if (dice < 0.86) return perhapsTwice(random, () => discover(integration));
    if (dice < 0.94) return perhapsTwice(random, () => ingest(integration));
    const ids = offers.filter((one) => one.integration === integration).map(({ apiId }) => apiId);
    const wanted = new Set(Array.from({ length: random.between(1, stages.length) }, () => random.pick(ids)));
    return [ingest(integration, random.chance(0.2) ? [...wanted, 'nobody:knows:this:one'] : [...wanted])];
  }

  return {
    violations,
    subscribe,
    unsubscribe,
    discover,
    ingest,
    async publish(random, until) {
      const underWay = new Set<Promise<unknown>>();
      while (!until.aborted) {
        const steps = random.chance(0.1) ? random.between(...BURST) : 1;
        for (const command of Array.from({ length: steps }, () => step(random)).flat()) {
          underWay.add(command);
          void command.finally(() => underWay.delete(command));
        }
        await pause(random.between(...PACE_MS));
      }
      await Promise.all(underWay);
    },
  };
}

/** What APIM offers after the first ingest: every plan of every API, except the one that is attached and detached. */
export async function offersOf({ apim, landscape }: Stack): Promise<Offer[]> {
  const offers: Offer[] = [];
  for (const { integration, region, plans, changingPlan: restless } of landscape.regions) {
    const all = targetsOf(landscape, integration).reduce((sum, target) => sum + target.plans.size, 0);
    const apis = await eventually(`the APIs of ${integration}`, async () => {
      const { apis } = await apim.peer().apis(integration);
      return apis.length === all ? apis : undefined;
    });
    for (const api of apis.filter(({ uniqueId }) => plans.has(uniqueId ?? ''))) {
      const details = detailsOf(api);
      for (const planId of plans.get(api.uniqueId ?? '') ?? []) {
        if (planId !== restless.planId)
          offers.push({ integration, region, apiId: api.apiId ?? '', planId, details });
      }
    }
  }
  return offers;
}

/** The metadata that APIM sends with a subscription to this API. */
function detailsOf({ connectionDetails, metadata }: FederatedApi): Record<string, string> {
  const named = (metadata ?? []).map(({ name, value }) => [name ?? '', value ?? ''] as const);
  const details = Object.entries(connectionDetails ?? {}).map(
    ([name, value]) => [name, value ?? ''] as const,
  );
  return Object.fromEntries([...details, ...named.filter(([name]) => name.includes(PROVIDER))]);
}
