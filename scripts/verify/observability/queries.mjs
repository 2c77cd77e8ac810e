/** Every Prometheus query of a dashboard, a rule or an alert. */
import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { parse } from 'yaml';
import { dashboardFiles } from '../../dashboards/files.mjs';

const rules = 'deploy/observability/prometheus/rules';

/** @typedef {{ where: string, expr: string }} Asked */
/** @typedef {{ alert?: string, record?: string, expr: string, annotations?: Record<string, string> }} Rule */

/** @param {string} checkout @returns {Promise<Rule[]>} */
export const rulesOf = async (checkout) => {
  const files = (await readdir(join(checkout, rules))).sort();
  const parsed = await Promise.all(
    files.map(async (file) => parse(await readFile(join(checkout, rules, file), 'utf8'))),
  );
  return parsed.flatMap(({ groups }) =>
    groups.flatMap((/** @type {{ rules: Rule[] }} */ group) => group.rules),
  );
};

/** With the variables filled in as Grafana does it. @param {string} integration @returns {Asked[]} */
export const dashboardQueries = (integration) =>
  Object.entries(dashboardFiles).flatMap(([file, text]) =>
    JSON.parse(text).panels.flatMap((/** @type {any} */ { title, targets = [] }) =>
      targets.map((/** @type {{ expr: string }} */ { expr }) => ({
        where: `${file.replace(/.*\//, '')}, "${title}"`,
        expr: expr
          .replaceAll('$namespace', '.*')
          .replaceAll('$integration', integration)
          .replaceAll('$__rate_interval', '30s'),
      })),
    ),
  );
