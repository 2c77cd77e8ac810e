import { Done, Reconciliation, type Finding, type ReconcileTarget } from '../../api/index.ts';
import { CtlError } from '../ctl-error.ts';
import { print, textOption, type Command, type Run } from '../run.ts';
import { table } from '../text.ts';

const lookMs = 1_000;

export const reconcile: Command = {
  name: 'subscriptions reconcile',
  says: 'compares the subscriptions with the API keys in AWS; --apply deletes orphans that the agent provably made',
  options: ['integration', 'account', 'region', 'skip-plans', 'apply', 'yes'],
  run: async (run) => {
    const [integrationId, account, region] = (['integration', 'account', 'region'] as const).map((name) =>
      textOption(run.options, name),
    );
    await run.client.post('/api/reconcile', Reconciliation, {
      ...(integrationId !== undefined && { integrationId }),
      ...(account !== undefined && { account }),
      ...(region !== undefined && { region }),
      plans: run.options['skip-plans'] !== true,
    });
    const { failure, targets, findings } = await untilDone(run);
    const deletable = findings.filter((finding) => finding.deletable);
    print(run, { targets, findings }, () => forPeople(targets, findings));
    if (failure !== undefined) throw new CtlError('unreachable', failure);
    if (run.options['apply'] !== true || deletable.length === 0) {
      if (deletable.length > 0) run.note(`--apply deletes ${deletable.length} of these keys\n`);
      return findings.length === 0 && targets.every(({ state }) => state !== 'failed');
    }
    await confirm(run, deletable.length);
    return (await deleteAll(run, deletable)) && findings.length === deletable.length;
  },
};

async function untilDone(run: Run): Promise<Reconciliation> {
  let shown = '';
  for (;;) {
    const report = await run.client.get('/api/reconcile', Reconciliation);
    if (report.state === 'done') return report;
    if (report.state === 'never')
      throw new CtlError('unreachable', 'the console was restarted meanwhile: run it again');
    const text = report.targets
      .filter(({ state }) => state === 'reading')
      .map(progressOf)
      .join('');
    if (text !== shown) run.note(text);
    shown = text;
    await run.sleep(lookMs);
  }
}

function progressOf({ account, region, keys, plans }: ReconcileTarget): string {
  const looked = plans.total === 0 ? '' : `, ${plans.done} of ${plans.total} looked for in their plans`;
  return `${account}/${region}: ${keys} keys${looked}\n`;
}

function forPeople(targets: readonly ReconcileTarget[], findings: readonly Finding[]): string {
  const rows = targets.map(({ account, region, state, keys, plans, integrationId, reason }) => [
    account === '' ? '' : `${account}/${region}`,
    state,
    keys,
    plans.total,
    integrationId,
    reason,
  ]);
  const all = table(['target', 'state', 'keys', 'looked in plans', 'integration', 'reason'], rows);
  if (findings.length === 0) return `${all}\nNo differences were found.\n`;
  const found = findings.map((finding) => [
    finding.kind,
    finding.keyId,
    finding.graviteeSubscriptionId,
    `${finding.account}/${finding.region}`,
    finding.kind === 'orphan' ? (finding.deletable ? 'yes' : 'no') : '',
    finding.why,
  ]);
  return `${all}\n${table(['what', 'key id', 'subscription', 'target', 'deletable', 'why'], found)}`;
}

async function confirm(run: Run, keys: number): Promise<void> {
  if (run.options['yes'] === true) return;
  if (!run.ask)
    throw new CtlError('usage', 'nobody can be asked here whether it is meant: --yes says that it is');
  const typed = await run.ask(`type the number of keys to delete them in AWS (${keys}): `);
  if (typed.trim() !== String(keys)) throw new CtlError('failed', 'that is another number: nothing was done');
}

/** @returns whether all are gone; a key that the agent refuses to delete does not keep the others */
async function deleteAll(run: Run, findings: readonly Finding[]): Promise<boolean> {
  let well = true;
  for (const { integrationId, account, region, keyId, keyName } of findings) {
    try {
      const body = { integrationId, account, region, keyId, keyName };
      const { message } = await run.client.post('/api/reconcile/delete', Done, body);
      run.note(`${message}\n`);
    } catch (error) {
      if (!(error instanceof CtlError) || error.exit === 'denied') throw error;
      well = false;
      run.note(`${error.message}\n`);
    }
  }
  return well;
}
