import { setTimeout as pause } from 'node:timers/promises';
import { limitsAt } from '@federation-agent/contracts';
import { z } from 'zod';
import { eventually } from '../support/eventually.ts';
import { slowedTargets } from './broker-state.ts';
import { targetsOf } from './landscape.ts';
import type { Region } from './landscape.ts';
import type { Ledger, Offer } from './ledger.ts';
import type { Publisher } from './publisher.ts';
import { untilHealthy } from './stack.ts';
import type { Stack } from './stack.ts';
import type { Trouble } from './trouble.ts';

const Discovered = z.looseObject({ apis: z.array(z.looseObject({ uniqueId: z.string() })) });

/** How much a busy machine, the connection to APIM and other commands may add to a DISCOVER. */
const SLACK_MS = 1_900;
const DISCOVERS = 3;
/** A key may be refused because its turn came too late; then APIM accepts the subscription again. */
const KEY_TRIES = 3;

/**
 * One account and region answers no call for a while. Meanwhile DISCOVER of its integration is answered within its
 * deadline with everything that was known, and applications get keys in the other targets.
 */
export function hangingAccount(publisher: Publisher, ledger: Ledger, offers: readonly Offer[]): Trouble {
  return {
    name: 'an account hangs',
    weight: 3,
    alone: true,
    async run(stack, random) {
      await untilHealthy(stack);
      const target = random.pick(stack.landscape.regions);
      await untilWhole(stack, target);
      // A 429 slows a target down for a while: then nobody promises a key in time.
      await eventually(
        'every target to call AWS as often as before',
        async () => ((await slowedTargets(stack)).length === 0 ? true : undefined),
        { timeoutMs: 60_000, lastSeen: () => slowedTargets(stack) },
      );
      const { region } = target;
      stack.timeline.note('account hangs', { region });
      const fault = stack.aws.faults.fault({ region, action: { kind: 'hang', when: 'before' } });
      try {
        const others = offers.filter((offer) => offer.region !== region);
        await Promise.all([
          discovers(stack, target),
          keyElsewhere(stack, publisher, ledger, random.pick(others)),
          pause(random.between(3_000, 12_000)),
        ]);
      } finally {
        stack.timeline.note('account answers again', { region, hits: fault.hits() });
        fault.release();
      }
    },
  };
}

/** Waits until the effects of an earlier trouble are over: a target that hung before has only the short deadline. */
async function untilWhole(stack: Stack, target: Region): Promise<void> {
  for (let left = 10; left > 0; left -= 1) {
    const { found } = await discover(stack, target);
    if (found !== undefined && found.size >= idsOf(stack, target).length) return;
    await pause(500);
  }
}

async function discovers(stack: Stack, target: Region): Promise<void> {
  const { discoverDeadlineWithCatalog, troubledTargetDeadline, listsFresh } = limitsAt(stack.timeScale);
  const { integration, region } = target;
  let slow = 0;
  for (let count = 1; count <= DISCOVERS; count += 1) {
    // Lists that were read just now are not read again.
    await pause(listsFresh);
    const { found, why, ms } = await discover(stack, target);
    // The first DISCOVER, which may be somebody else's, still waits the longer time: the target answered before it
    // hung.
    if (ms > troubledTargetDeadline + SLACK_MS) slow += 1;
    const most = (slow <= 1 ? discoverDeadlineWithCatalog : troubledTargetDeadline) + SLACK_MS;
    const at = `DISCOVER ${count} of ${integration} while ${region} hangs`;
    stack.timeline.note('DISCOVER while an account hangs', { count, ms, most, apis: found?.size, why });
    if (ms > most) stack.broken.push(`${at} took ${ms} ms, more than ${most}`);
    if (!found) stack.broken.push(`${at} had no success: ${why ?? 'no reply'}`);
    const missing = idsOf(stack, target).filter((id) => found && !found.has(id));
    if (missing.length > 0) stack.broken.push(`${at} lacks ${missing.join(', ')}`);
  }
}

async function keyElsewhere(
  { broken, timeline }: Stack,
  publisher: Publisher,
  ledger: Ledger,
  offer: Offer,
): Promise<void> {
  const one = ledger.open(offer);
  for (let left = KEY_TRIES; left > 0; left -= 1) {
    const outcome = await publisher.subscribe(one);
    timeline.note('SUBSCRIBE while another account hangs', { subscription: one.id, outcome });
    if (outcome === 'succeeded') return;
  }
  broken.push(`no key in ${offer.region} while another account hangs: ${one.id}`);
}

function idsOf({ landscape }: Stack, { integration }: Region): string[] {
  return targetsOf(landscape, integration).flatMap(({ plans }) => [...plans.keys()]);
}

async function discover(
  { apim }: Stack,
  { integration }: Region,
): Promise<{ found?: ReadonlySet<string>; why?: string | undefined; ms: number }> {
  const from = performance.now();
  const answer = await apim.command(integration, 'DISCOVER', {});
  const ms = Math.round(performance.now() - from);
  if (answer?.commandStatus !== 'SUCCEEDED') return { why: answer?.errorDetails ?? undefined, ms };
  return { found: new Set(Discovered.parse(answer.payload).apis.map(({ uniqueId }) => uniqueId)), ms };
}
