import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { parse } from 'yaml';
import { checkout } from '../bootstrap/checkout.mjs';
import { rulesOf } from '../verify/observability/queries.mjs';
import { prometheusRule, prometheusRuleFile } from './prometheus-rule.mjs';

test(`${prometheusRuleFile} is what the rules say; else: npm run dashboards`, () =>
  expect(readFileSync(join(checkout, prometheusRuleFile), 'utf8').replaceAll('\r\n', '\n')).toBe(
    prometheusRule(checkout),
  ));

test('every rule is in it, unchanged', async () => {
  const { groups } = parse(prometheusRule(checkout)).spec;
  expect(groups.flatMap((/** @type {any} */ { rules }) => rules)).toEqual(await rulesOf(checkout));
});

test('a file that is more than a list of groups is refused', () => {
  const folder = mkdtempSync(join(tmpdir(), 'rules-'));
  const rules = join(folder, 'deploy/observability/prometheus/rules');
  mkdirSync(rules, { recursive: true });
  writeFileSync(join(rules, 'one.yml'), 'groups:\n  - name: one\nnamespace: other\n');
  expect(() => prometheusRule(folder)).toThrow('one.yml is no list of groups alone');
  rmSync(folder, { recursive: true });
});
