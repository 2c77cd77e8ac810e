import {
  ActionDone,
  SubscriptionDetail,
  SubscriptionPage,
  type OperatorActionName,
  type SubscriptionRow,
} from '../../api/index.ts';
import { CtlError } from '../ctl-error.ts';
import { print, textOption, type Command, type Run } from '../run.ts';
import { age, facts, iso, printable, table } from '../text.ts';

export const list: Command = {
  name: 'subscriptions list',
  says: 'lists subscriptions, latest change first; never a key value',
  options: ['search', 'state', 'needs-person', 'integration', 'limit'],
  run: async (run) => {
    const page = await run.client.get('/api/subscriptions', SubscriptionPage, {
      search: textOption(run.options, 'search'),
      state: textOption(run.options, 'state'),
      integration: textOption(run.options, 'integration'),
      limit: textOption(run.options, 'limit'),
      needsPerson: run.options['needs-person'] === true ? true : undefined,
    });
    print(run, page, () => {
      const rows = page.rows.map((row) => [
        row.graviteeSubscriptionId,
        row.state,
        row.needsPerson ? 'yes' : '',
        age(row.since, run.now()),
        row.apiKeyId,
        row.apiName ?? row.uniqueId,
        row.planName ?? row.usagePlanId,
        `${row.account}/${row.region}`,
      ]);
      return table(['subscription', 'state', 'needs person', 'age', 'key id', 'api', 'plan', 'target'], rows);
    });
    if (page.total > page.rows.length) run.note(`${page.rows.length} of ${page.total}; --limit shows more\n`);
    return true;
  },
};

export const show: Command = {
  name: 'subscriptions show',
  takes: '<id>',
  says: 'shows one subscription: what to do, what you may decide, and its life',
  options: ['integration'],
  run: async (run) => {
    const detail = await read(run);
    print(run, detail, () => forPeople(detail, run.now()));
    return true;
  },
};

export const decisions: readonly Command[] = [
  decision('keep', 'keep', 'says that APIM has the subscription: its key stays'),
  decision('revoke', 'revoke', 'has the agent delete the key in AWS'),
  decision('resolve', 'resolved', 'says that keys of unknown id are deleted in AWS: the agent forgets them'),
];

function decision(verb: string, action: OperatorActionName, says: string): Command {
  return {
    name: `subscriptions ${verb}`,
    takes: '<id>',
    says,
    options: ['integration', 'yes'],
    run: async (run) => {
      const detail = await read(run);
      const allowed = detail.actions.find((one) => one.action === action);
      if (!allowed) {
        const why = detail.actionsUnknown ?? `a subscription that is ${detail.state} takes no "${verb}"`;
        throw new CtlError(detail.actionsUnknown === undefined ? 'failed' : 'unreachable', why);
      }
      run.note(
        facts([
          ['it is', detail.state],
          ['first', detail.toDo],
          [verb, allowed.does],
        ]),
      );
      await confirm(run, detail);
      const { since } = detail;
      const done = await run.client.post(`${placeOf(detail)}/actions`, ActionDone, { action, since });
      print(run, done, () => `${done.message}; it is ${done.state}\n`);
      return true;
    },
  };
}

async function confirm(run: Run, { graviteeSubscriptionId }: SubscriptionRow): Promise<void> {
  if (run.options['yes'] === true) return;
  if (!run.ask)
    throw new CtlError('usage', 'nobody can be asked here whether it is meant: --yes says that it is');
  const typed = await run.ask(`type the id of the subscription to go on (${graviteeSubscriptionId}): `);
  if (typed.trim() !== graviteeSubscriptionId)
    throw new CtlError('failed', 'that is another id: nothing was done');
}

/** By the whole id, or by the beginning of one. */
async function read(run: Run): Promise<SubscriptionDetail> {
  const [id] = run.words;
  if (id === undefined) throw new CtlError('usage', 'the id of a subscription is missing');
  const integration = textOption(run.options, 'integration');
  const { rows } = await run.client.get('/api/subscriptions', SubscriptionPage, { search: id, integration });
  const exact = rows.filter((row) => row.graviteeSubscriptionId === id);
  const found = exact.length > 0 ? exact : rows.filter((row) => row.graviteeSubscriptionId.startsWith(id));
  const [row, ...more] = found;
  if (!row) throw new CtlError('failed', `there is no subscription ${id}`);
  if (more.length > 0)
    throw new CtlError(
      'failed',
      `${found.length} subscriptions begin with ${id}: give more of the id, or --integration`,
    );
  return run.client.get(placeOf(row), SubscriptionDetail);
}

function placeOf({ integrationId, graviteeSubscriptionId }: SubscriptionRow): string {
  return `/api/subscriptions/${encodeURIComponent(integrationId)}/${encodeURIComponent(graviteeSubscriptionId)}`;
}

function forPeople(detail: SubscriptionDetail, now: number): string {
  const { actions, actionsUnknown, timeline } = detail;
  const choices = actions.map(({ action, does, from }) => {
    const wait = from !== undefined && from > now ? ` (from ${iso(from)} on)` : '';
    return `- ${action === 'resolved' ? 'resolve' : action}${wait}: ${does}`;
  });
  return [
    facts([
      ['subscription', detail.graviteeSubscriptionId],
      ['integration', detail.integrationId],
      ['state', `${detail.state} since ${iso(detail.since)}, ${age(detail.since, now)} ago`],
      ['why', detail.note],
      ['api', `${detail.apiName ?? ''} ${detail.uniqueId}`.trim()],
      ['plan', `${detail.planName ?? ''} ${detail.usagePlanId}`.trim()],
      ['key id', detail.apiKeyId],
      ['key name', detail.keyName],
      ['to do first', detail.toDo],
    ]),
    choices.length === 0
      ? ''
      : `\nYou may decide:\n${choices.map((line) => `${printable(line)}\n`).join('')}`,
    actionsUnknown === undefined ? '' : `\n${printable(actionsUnknown)}\n`,
    '\n',
    table(
      ['time', 'what', 'who', 'outcome', 'detail'],
      timeline.map((event) => [
        iso(event.at),
        `${event.kind} ${event.what}`,
        event.by === undefined ? event.actor : `${event.actor} ${event.by}`,
        event.outcome,
        event.detail,
      ]),
    ),
  ].join('');
}
