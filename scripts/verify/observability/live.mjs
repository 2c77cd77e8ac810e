/**
 * A real Prometheus scrapes the running agent while the sandbox does the whole job. Then it gets every query of the
 * dashboards.
 */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { answers, freePorts, until, withProcesses } from '../processes.mjs';
import { integration, sandboxEnvironment } from '../sandbox-agent.mjs';
import { dashboardQueries, rulesOf } from './queries.mjs';

/** @typedef {import('../checks/types.d.ts').Context} Context */

/** Queries that a healthy agent does not answer, each with the reason, by the start of where they are used. */
const silent = {
  'fleet.json, "Calls that failed"': 'no call fails in the sandbox',
};

/** @param {string} prometheus @param {string} expr @returns {Promise<number>} how many series answer */
const seriesOf = async (prometheus, expr) => {
  const response = await fetch(`${prometheus}/api/v1/query`, {
    method: 'POST',
    body: new URLSearchParams({ query: expr }),
  });
  const { status, data, error } = await response.json();
  if (status !== 'success') throw new Error(`${error}: ${expr}`);
  return data.result.length;
};

/** @param {Context} context @returns {Promise<string>} */
export const askEverything = (context) =>
  withProcesses(async (start) => {
    const { checkout, scratch, node, env, tool } = context;
    const [apim = 0, control = 0, aws = 0, health = 0, web = 0] = await freePorts(5);
    const prometheus = `http://127.0.0.1:${web}`;
    const config = join(scratch, 'prometheus.yml');
    await writeFile(
      config,
      JSON.stringify({
        global: { scrape_interval: '1s', evaluation_interval: '1s' },
        rule_files: [join(checkout, 'deploy/observability/prometheus/rules/*.yml')],
        scrape_configs: [{ job_name: 'agent', static_configs: [{ targets: [`127.0.0.1:${health}`] }] }],
      }),
    );
    start(tool('prometheus'), [
      `--config.file=${config}`,
      `--storage.tsdb.path=${join(scratch, 'data')}`,
      `--web.listen-address=127.0.0.1:${web}`,
      '--enable-feature=exemplar-storage',
      '--log.level=warn',
    ]);
    await until('Prometheus', () => answers(`${prometheus}/-/ready`));
    start(
      node,
      [join(checkout, 'services/standalone/src/main.ts')],
      {
        ...env,
        ...sandboxEnvironment({ apim, aws }),
        gravitee_services_core_http_port: String(health),
        gravitee_services_metrics_enabled: 'true',
        gravitee_services_metrics_prometheus_enabled: 'true',
        gravitee_federation_dataDir: join(scratch, 'agent'),
        OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:9', // Nothing listens there: trace ids are enough.
      },
      scratch,
    );
    // The counters are scraped before the job changes them; otherwise a rate over them has no start.
    await until('the first scrape', async () => (await seriesOf(prometheus, 'federation_build_info')) > 0);
    start(node, [
      join(checkout, 'sandbox/src/serve.ts'),
      ...['--apim-port', `${apim}`, '--control-port', `${control}`, '--aws-port', `${aws}`],
    ]);

    const rules = await rulesOf(checkout);
    const asked = [
      ...dashboardQueries(integration),
      ...rules.flatMap(({ record }) => (record ? [{ where: 'recording rule', expr: record }] : [])),
    ].filter(({ where }) => !Object.keys(silent).some((quiet) => where.startsWith(quiet)));
    /** @type {typeof asked} */
    let unanswered = asked;
    const all = async () => {
      const left = [];
      for (const one of unanswered) if ((await seriesOf(prometheus, one.expr)) === 0) left.push(one);
      unanswered = left;
      return left.length === 0;
    };
    await until('an answer to every query', all, 90_000).catch((error) => {
      throw new Error(
        `${error.message}:\n${unanswered.map(({ where, expr }) => `${where}: ${expr}`).join('\n')}`,
      );
    });
    await until('an exemplar', async () => {
      const query = new URLSearchParams({
        query: 'federation_link_command_seconds_bucket',
        start: String(Date.now() / 1_000 - 300),
        end: String(Date.now() / 1_000 + 1),
      });
      const { data } = await (await fetch(`${prometheus}/api/v1/query_exemplars?${query}`)).json();
      return data.some((/** @type {any} */ { exemplars }) =>
        exemplars.some((/** @type {any} */ { labels }) => /^[0-9a-f]{32}$/.test(labels.trace_id)),
      );
    });
    return `${asked.length} queries answered with series; exemplars name their traces`;
  });
