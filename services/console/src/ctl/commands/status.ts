import { Overview } from '../../api/index.ts';
import { print, type Command } from '../run.ts';
import { age, table } from '../text.ts';

export const status: Command = {
  name: 'status',
  says: 'shows the chain from APIM to AWS, what is wrong first; exit code 1 when a part is down',
  options: [],
  run: async (run) => {
    const overview = await run.client.get('/api/overview', Overview);
    print(run, overview, () => forPeople(overview, run.now()));
    return overview.alerts.every(({ severity }) => severity !== 'error');
  },
};

function forPeople({ model, alerts, chain, processes, counts }: Overview, now: number): string {
  const trouble = model === 'ready' ? '' : `what is shown is ${model}\n\n`;
  const shownAlerts =
    alerts.length === 0
      ? 'nothing is wrong\n'
      : table(
          ['severity', 'alert'],
          alerts.map(({ severity, text }) => [severity, text]),
        );
  const parts = chain.map(({ name, state, reason }) => [name, state, reason]);
  const running = processes.map((one) => [
    one.instance,
    one.services.join(', '),
    one.version,
    one.state,
    age(one.startedAt, now),
  ]);
  const { listed, hidden, stale, targets, subscriptions, needPerson, deadLetters } = counts;
  return [
    trouble,
    shownAlerts,
    '\n',
    table(['part', 'state', 'reason'], parts),
    '\n',
    table(['process', 'services', 'version', 'state', 'age'], running),
    '\n',
    `stages: ${listed} listed, ${stale} stale, ${hidden} hidden, in ${targets} targets; subscriptions: ${subscriptions}, ${needPerson} need a person; dead letters: ${deadLetters}\n`,
  ].join('');
}
