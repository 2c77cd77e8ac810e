import { ScanAsked, Scans, type ScanTarget } from '../../api/index.ts';
import { print, textOption, type Command, type Run } from '../run.ts';
import { age, table } from '../text.ts';

const lookMs = 1_000;
/** A scan that nobody takes: no aws-discovery has a free place, or none runs. */
const longestMs = 60 * 60_000;

export const scan: Command = {
  name: 'scan',
  says: 'asks for a scan now; --watch shows how far it is',
  options: ['integration', 'account', 'region', 'all', 'watch'],
  run: async (run) => {
    const since = run.now();
    const [integrationId, account, region] = (['integration', 'account', 'region'] as const).map((name) =>
      textOption(run.options, name),
    );
    const asked = await run.client.post('/api/scans', ScanAsked, {
      ...(integrationId !== undefined && { integrationId }),
      ...(account !== undefined && { account }),
      ...(region !== undefined && { region }),
      all: run.options['all'] === true,
    });
    if (run.options['watch'] !== true) {
      print(run, asked, () => `${asked.message}\n`);
      return true;
    }
    run.note(`${asked.message}\n`);
    const wanted = (target: ScanTarget): boolean =>
      (integrationId ?? target.integrationId) === target.integrationId &&
      (account ?? target.account) === target.account &&
      (region ?? target.region) === target.region;
    const targets = await untilScanned(run, since, wanted);
    print(run, { targets }, () => tableOf(targets, run.now()));
    return targets.every(({ failure }) => failure === undefined);
  },
};

export const scans: Command = {
  name: 'scans',
  says: 'lists the targets, and how far their scans are',
  options: [],
  run: async (run) => {
    const { targets } = await run.client.get('/api/scans', Scans);
    print(run, { targets }, () => tableOf(targets, run.now()));
    return true;
  },
};

/** The hosts' clocks may differ: what counts is that a target has left `requested` and `scanning`. */
async function untilScanned(
  run: Run,
  since: number,
  wanted: (target: ScanTarget) => boolean,
): Promise<readonly ScanTarget[]> {
  let shown = '';
  for (;;) {
    const targets = (await run.client.get('/api/scans', Scans)).targets.filter(wanted);
    const busy = targets.filter(({ state }) => state === 'requested' || state === 'scanning');
    if (busy.length === 0 || run.now() - since > longestMs) return targets;
    const lines = busy.map(({ account, region, state, progress }) => {
      const far = progress ? ` ${progress.done} of ${progress.total} APIs` : '';
      return `${account}/${region}: ${state}${far}`;
    });
    const text = `${lines.join('; ')}\n`;
    if (text !== shown) run.note(text);
    shown = text;
    await run.sleep(lookMs);
  }
}

function tableOf(targets: readonly ScanTarget[], now: number): string {
  const rows = targets.map((target) => [
    `${target.account}/${target.region}`,
    target.state,
    target.stages,
    target.lastCompleteAt === undefined ? '' : age(target.lastCompleteAt, now),
    target.progress ? `${target.progress.done}/${target.progress.total}` : '',
    target.integrationId,
    target.failure,
  ]);
  return table(['target', 'state', 'stages', 'complete', 'progress', 'integration', 'failure'], rows);
}
