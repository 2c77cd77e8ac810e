/**
 * deploy/observability: rules and dashboards, held by promtool, by a parser and by a real Prometheus that scrapes the
 * agent.
 */
import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { parse } from 'yaml';
import { askEverything } from '../observability/live.mjs';
import { dashboardQueries, rulesOf } from '../observability/queries.mjs';

const folder = 'deploy/observability/prometheus';
const runbooks = 'docs/runbooks';

/** Says "<line number> <error>" for each line that is no PromQL. */
const parser = `
import sys, promql_parser
for number, line in enumerate(sys.stdin.read().split("\\0")):
    try: promql_parser.parse(line)
    except Exception as error: print(number, error)
`;

/** @param {string} checkout @param {string} path */
const filesIn = async (checkout, path) =>
  (await readdir(join(checkout, path)))
    .filter((name) => name.endsWith('.yml'))
    .map((name) => `${path}/${name}`);

/** @type {import('./types.d.ts').Check[]} */
export const checks = [
  {
    name: 'observability: promtool check rules and config',
    needs: ['promtool'],
    run: async ({ checkout, tool, must }) => {
      await must(tool('promtool'), ['check', 'rules', ...(await filesIn(checkout, `${folder}/rules`))]);
      await must(tool('promtool'), ['check', 'config', `${folder}/prometheus.yml`]);
      return undefined;
    },
  },
  {
    name: 'observability: promtool test rules',
    needs: ['promtool'],
    run: async ({ checkout, tool, must }) => {
      const files = await filesIn(checkout, `${folder}/tests`);
      await must(tool('promtool'), ['test', 'rules', ...files]);
      return `${files.length} files`;
    },
  },
  {
    name: 'observability: every alert fires in one test and not in another, and has its runbook',
    needs: [],
    run: async ({ checkout }) => {
      /** @type {Map<string, Set<string>>} */
      const seen = new Map();
      for (const file of await filesIn(checkout, `${folder}/tests`)) {
        const { tests } = parse(await readFile(join(checkout, file), 'utf8'));
        for (const { promql_expr_test: asked = [] } of tests)
          for (const { expr, exp_samples: samples } of asked) {
            const alert = /alertname="(\w+)"/.exec(expr)?.[1] ?? '';
            seen.set(alert, (seen.get(alert) ?? new Set()).add(samples.length > 0 ? 'fires' : 'does not'));
          }
      }
      const index = await readFile(join(checkout, runbooks, 'README.md'), 'utf8');
      const alerts = (await rulesOf(checkout)).flatMap(({ alert, annotations }) =>
        alert === undefined ? [] : [{ alert, page: annotations?.['runbook_url'] ?? '' }],
      );
      const wrong = [];
      for (const { alert, page } of alerts) {
        const text = await readFile(join(checkout, page), 'utf8').catch(() => '');
        if (seen.get(alert)?.size !== 2)
          wrong.push(`${alert}: no test in which it fires, or none in which not`);
        if (page !== `${runbooks}/${alert}.md`) wrong.push(`${alert}: its runbook_url is ${page}`);
        if (!['# ', '## Meaning', '## Check', '## Mend'].every((part) => text.includes(part)))
          wrong.push(`${alert}: ${page} lacks a part`);
        if (!index.includes(`(${alert}.md)`)) wrong.push(`${alert}: not in ${runbooks}/README.md`);
      }
      if (wrong.length > 0) throw new Error(wrong.join('\n'));
      return `${alerts.length} alerts`;
    },
  },
  {
    name: 'observability: every query of the dashboards and rules is PromQL',
    needs: ['promql-parser'],
    run: async ({ checkout, tool, must }) => {
      const asked = [
        ...dashboardQueries('i'),
        ...(await rulesOf(checkout)).map(({ alert, record, expr }) => ({
          where: alert ?? record ?? '',
          expr,
        })),
      ];
      const input = asked.map(({ expr }) => expr).join('\0');
      const said = await must(tool('promql-parser'), ['-c', parser], { input });
      const wrong = said.split('\n').filter(Boolean);
      if (wrong.length > 0)
        throw new Error(wrong.map((line) => `${asked[parseInt(line, 10)]?.where}: ${line}`).join('\n'));
      return `${asked.length} queries`;
    },
  },
  {
    name: 'observability: every query of the dashboards is answered by a Prometheus that scrapes the agent',
    needs: ['prometheus', 'nats-server'],
    alone: true,
    run: askEverything,
  },
];
