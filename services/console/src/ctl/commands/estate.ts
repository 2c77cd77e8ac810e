import { EstatePage, Why } from '../../api/index.ts';
import { CtlError } from '../ctl-error.ts';
import { print, textOption, type Command } from '../run.ts';
import { printable, table } from '../text.ts';

export const catalog: Command = {
  name: 'catalog',
  says: 'lists APIs by stage, with their plans, and whether APIM is told of them',
  options: ['search', 'state', 'integration', 'account', 'region', 'limit'],
  run: async (run) => {
    const of = (name: Parameters<typeof textOption>[1]) => textOption(run.options, name);
    const query = {
      search: of('search'),
      state: of('state'),
      integration: of('integration'),
      account: of('account'),
      region: of('region'),
      limit: of('limit'),
    };
    const page = await run.client.get('/api/estate', EstatePage, query);
    print(run, page, () => {
      const rows = page.rows.map(({ name, stage, state, plans, account, region, uniqueId, reasons }) => [
        name,
        stage,
        state,
        plans.map((plan) => plan.name).join(', '),
        `${account}/${region}`,
        uniqueId,
        reasons[0]?.text,
      ]);
      return table(['name', 'stage', 'state', 'plans', 'target', 'unique id', 'why'], rows);
    });
    if (page.total > page.rows.length) run.note(`${page.rows.length} of ${page.total}; --limit shows more\n`);
    return true;
  },
};

export const why: Command = {
  name: 'why',
  takes: '<unique id, REST API id or name>',
  says: 'says why an API is or is not in APIM; exit code 1 when it is not',
  options: ['aws'],
  run: async (run) => {
    const asked = run.words.join(' ');
    if (asked === '') throw new CtlError('usage', 'why needs the unique id, REST API id or name of an API');
    const path = `/api/why/${encodeURIComponent(asked)}`;
    const answer =
      run.options['aws'] === true ? await run.client.post(path, Why) : await run.client.get(path, Why);
    print(run, answer, () => forPeople(answer));
    return answer.matches.some(({ state }) => state !== 'hidden');
  },
};

function forPeople({ answer, matches, also }: Why): string {
  const lines = matches.length > 1 ? matches.map((match) => `- ${match.uniqueId}: ${match.answer}`) : [];
  const more = also.length === 0 ? [] : ['', 'Besides:', ...also.map((text) => `- ${text}`)];
  return [answer, ...lines, ...more].map((line) => `${printable(line)}\n`).join('');
}
