/** API keys at AWS's own rates: how much of them is used, and how long a backlog takes. */
import { openAccounts, region, type ManyAccounts } from '../support/many-accounts.ts';
import type { ApiSubscription } from '../../support/control-client.ts';
import type { BenchCase, Figure } from '../support/figure.ts';
import { atOnce } from '../support/load.ts';
import { cpuMs } from '../support/processes.ts';

const integration = 'subscriptions';
/** The most that can be configured, with the default burst. */
const rate = { requestsPerSecond: '8', burst: '5' };
/** AWS takes so many CreateApiKey a second in an account and region, and so many DeleteApiKey. */
const awsRate = 5;
/** A command that is given back because its time is over is sent again, so often at most. */
const tries = 5;

export const subscriptions: BenchCase = {
  name: 'subscriptions',
  about:
    'The sandbox AWS throttles as AWS does. First a few accounts with more commands than AWS takes: the share of its ' +
    '5 creates and 5 deletes a second, from the first create to the last key in its plan. A subscription takes two of ' +
    'the 8 calls a second that can be configured at most, so little more than 0.8 is all that creates can reach (0.5 ' +
    'with the default of 5); the agent paces deletes at 4.9 a second. ' +
    'Then a backlog over twenty accounts, sent at once, beside the time that AWS needs for it at 5 a second; in the ' +
    'end the keys in AWS are exactly those that APIM holds. The backlog is bound by CPU, the shares by AWS.',
  run: async (quick) => {
    const [busy, each, accounts, backlogEach] = quick ? [2, 32, 10, 10] : [4, 60, 20, 50];
    const many = await openAccounts({
      integrations: [integration],
      accounts: Array.from({ length: accounts }, () => 1),
      throttled: true,
    });
    const agent = await many.oneProcess([many.over(integration, many.accounts, rate)]);
    try {
      await many.ingest(integration);
      const shares = await saturate(many, many.accounts.slice(0, busy), each);
      const cpuBefore = cpuMs(agent.pids);
      const { drainMs, again } = await drain(many, backlogEach);
      const cpu = (cpuMs(agent.pids) - cpuBefore) / (accounts * backlogEach);
      const leastMs = (backlogEach * 1_000) / awsRate;
      const backlog = (accounts * backlogEach).toLocaleString('en');
      return [
        { name: "creates, share of AWS's rate", unit: 'of 1', ours: shares.creates },
        { name: "deletes, share of AWS's rate", unit: 'of 1', ours: shares.deletes },
        { name: 'deletes of a key that was gone', unit: 'in all', ours: [await deletedAgain(many)] },
        { name: `backlog of ${backlog}`, unit: 's', baseline: [leastMs / 1_000], ours: [drainMs / 1_000] },
        { name: 'CPU of each of it', unit: 'ms', ours: [cpu] },
        { name: 'of it sent again', unit: 'in all', ours: [again] },
        { name: '429s of AWS', unit: 'in all', ours: [(await many.aws.counters({})).throttled] },
      ] satisfies Figure[];
    } finally {
      await agent.stop();
      await many.stop();
    }
  },
};

/** Many SUBSCRIBEs in each of these accounts, then many UNSUBSCRIBEs. @returns one share for each account */
async function saturate(many: ManyAccounts, accounts: readonly string[], each: number) {
  const offers = await offersOf(many, accounts);
  const wanted = Array.from({ length: each }, () => offers).flat();
  const made = await Promise.all(wanted.map((offer) => subscribe(many, offer)));
  await assertKeys(many);
  await Promise.all(made.map(({ one }) => unsubscribe(many, one)));
  await assertKeys(many);
  return {
    creates: await shareOf(many, accounts, 'CreateApiKey', 'CreateUsagePlanKey'),
    deletes: await shareOf(many, accounts, 'DeleteApiKey', 'DeleteApiKey'),
  };
}

/** Everything is sent at once. */
async function drain(many: ManyAccounts, each: number) {
  const offers = await offersOf(many, many.accounts);
  const wanted = Array.from({ length: each }, () => offers).flat();
  let again = 0;
  const { tookMs } = await atOnce(wanted.length, wanted.length, async (n) => {
    const offer = wanted[n];
    if (offer === undefined) throw new Error(`there is no subscription ${n}`);
    const { one, sent } = await subscribe(many, offer);
    again += sent - 1;
    return one.elapsedMs;
  });
  await assertKeys(many);
  return { drainMs: tookMs, again };
}

interface Offer {
  readonly apiId: string;
  readonly planId: string;
}

/** An API and its plan, of each of these accounts. */
async function offersOf({ apim }: ManyAccounts, accounts: readonly string[]): Promise<readonly Offer[]> {
  const { apis } = await apim.apis(integration);
  return apis
    .map(({ uniqueId, plans }) => ({ apiId: String(uniqueId), planId: String(plans[0]?.id) }))
    .filter(({ apiId }) => accounts.some((account) => apiId.startsWith(`${account}:`)));
}

async function subscribe({ apim }: ManyAccounts, offer: Offer) {
  let one = await apim.subscribe(integration, offer);
  let sent = 1;
  while (one.status !== 'ACCEPTED') {
    if (sent === tries) throw new Error(`SUBSCRIBE: ${one.errorDetails ?? one.status}`);
    one = await apim.retry(integration, one.id);
    sent += 1;
  }
  return { one, sent };
}

async function unsubscribe({ apim }: ManyAccounts, { id }: ApiSubscription): Promise<void> {
  const { status, errorDetails } = await apim.unsubscribe(integration, id);
  if (status !== 'CLOSED') throw new Error(`UNSUBSCRIBE: ${errorDetails ?? status}`);
}

/** @throws Error unless the keys in AWS are exactly those that APIM holds: none lost, none doubled */
async function assertKeys({ apim, aws, accounts }: ManyAccounts): Promise<void> {
  const held = (await apim.subscriptions(integration))
    .filter(({ status }) => status === 'ACCEPTED')
    .map(({ apiKey, planId }) => `${apiKey ?? ''} ${planId}`);
  const found = (await Promise.all(accounts.map((account) => aws.keys({ account, region }))))
    .flat()
    .map(({ value, planIds }) => `${value} ${planIds.join()}`);
  if (held.toSorted().join() === found.toSorted().join()) return;
  const missing = held.filter((key) => !found.includes(key)).length;
  throw new Error(`APIM holds ${held.length} keys, AWS ${found.length}; ${missing} are missing in AWS`);
}

/**
 * How many of the first operation AWS executed in each account, from the first of them to the last of the second
 * operation.
 */
function shareOf(
  { aws }: ManyAccounts,
  accounts: readonly string[],
  first: string,
  last: string,
): Promise<number[]> {
  return Promise.all(
    accounts.map(async (account) => {
      const [began, ended] = await Promise.all(
        [first, last].map(async (operation) => {
          const entries = await aws.log({ account, operation });
          return entries.filter(({ executed }) => executed).map(({ at }) => at);
        }),
      );
      const span = (ended?.at(-1) ?? 0) - (began?.[0] ?? 0);
      return (((began?.length ?? 0) - 1) * 1_000) / span / awsRate;
    }),
  );
}

/** Each takes a token of those that create or delete keys. */
async function deletedAgain({ aws }: ManyAccounts): Promise<number> {
  return (await aws.log({ operation: 'DeleteApiKey' })).filter(({ status }) => status === 404).length;
}
