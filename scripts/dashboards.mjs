/** `npm run dashboards`: writes the Grafana dashboards from scripts/dashboards, and the PrometheusRule. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { checkout } from './bootstrap/checkout.mjs';
import { takesNoArguments } from './bootstrap/no-arguments.mjs';
import { dashboardFiles } from './dashboards/files.mjs';
import { prometheusRule, prometheusRuleFile } from './dashboards/prometheus-rule.mjs';

takesNoArguments(`npm run dashboards
  Writes the dashboards below deploy/observability/grafana, made from scripts/dashboards, and the PrometheusRule of
  deploy/k8s, made from deploy/observability/prometheus/rules.`);
const files = { ...dashboardFiles, [prometheusRuleFile]: prometheusRule(checkout) };
for (const [path, text] of Object.entries(files)) {
  writeFileSync(join(checkout, path), text);
  console.log(path);
}
