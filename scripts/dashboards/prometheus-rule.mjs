/** The Prometheus rules as the object that the Prometheus operator reads; made by `npm run dashboards`. */
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

const rules = 'deploy/observability/prometheus/rules';

export const prometheusRuleFile = 'deploy/k8s/components/prometheus-operator/rules.yaml';

const head = `# Made by npm run dashboards from ${rules}; a test fails when it is stale.
apiVersion: monitoring.coreos.com/v1
kind: PrometheusRule
metadata:
  name: federation-agent
spec:
  groups:
`;

/**
 * Every group of every file, with its comments: the text is moved, not read.
 * @param {string} checkout
 * @returns {string} the text of `prometheusRuleFile`
 * @throws Error when a file has more than a list of groups
 */
export const prometheusRule = (checkout) => {
  const groups = readdirSync(join(checkout, rules))
    .sort()
    .map((file) => {
      const text = readFileSync(join(checkout, rules, file), 'utf8').replaceAll('\r\n', '\n');
      const [comment = '', list, ...more] = text.split(/^groups:\n/m);
      if (list === undefined || more.length > 0 || /^[^#\n]/m.test(comment) || /^[^ #\n]/m.test(list))
        throw new Error(`${rules}/${file} is no list of groups alone`);
      return `${comment.replaceAll(/^(?=.)/gm, '    ')}${list.replaceAll(/^(?=.)/gm, '  ')}`;
    });
  return `${head}${groups.join('\n')}`;
};
