/** The chart, and the installations that the checks try. */
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { parseAllDocuments } from 'yaml';

/** @typedef {import('../checks/types.d.ts').Context} Context */
/**
 * @typedef {object} Installation
 * @property {string} release
 * @property {string[]} options of `helm install`, `helm template` and `helm lint`
 */
/**
 * @typedef {object} KubernetesObject as far as it is looked at
 * @property {string} kind
 * @property {{ name: string, labels?: Record<string, string> }} metadata
 * @property {Record<string, string>} [stringData]
 */

export const chart = 'deploy/helm/federation-agent';
export const namespace = 'gravitee-apim';
const officialFiles = ['standard-values.yml', 'custom-certificate-values.yml'];

/** The official page's values name the official image; a user changes only this. */
const ourImage = [
  ...['--set', 'kubernetes.deployment.image.repository=federation-agent'],
  ...['--set', 'kubernetes.deployment.image.name=agent,kubernetes.deployment.image.tag=0.1.0'],
];

/** The values that a user puts in place of the brackets. */
const filled = {
  '[your-APIM-management-API-host]': 'apim.example.com',
  '[your-token]': 'a-service-account-token',
  '[your-integration-id]': 'e5b9d1f4-6f0e-4c3b-8a57-0f5d5c2f9a12',
  '[your-aws-region]': 'eu-west-1',
  '[your-key-id]': 'AKIA0123456789',
  '[your-access-key]': 'an-aws-secret-of-a-user',
  '[your-cloud-token]': `e30.${Buffer.from('{"org":"o","envs":["e"],"cpg":"eu"}').toString('base64url')}.c2ln`,
};

/**
 * Both values files of the official page, filled in, and each file in the chart's `ci/`.
 * @param {Context} context
 * @returns {Promise<Record<string, Installation>>} by a word for the report
 */
export const installations = async ({ checkout, scratch }) => {
  /** @type {Record<string, Installation>} */
  const found = {};
  for (const name of officialFiles) {
    const page = await readFile(join(checkout, 'tests/e2e/official-page', name), 'utf8');
    const values = Object.entries(filled).reduce(
      (text, [place, value]) => text.replaceAll(place, value),
      page,
    );
    await writeFile(join(scratch, name), values);
    const release = `federation-agent-${name.startsWith('standard') ? 'aws' : 'tls'}`;
    found[`official ${basename(name, '-values.yml')}`] = {
      release,
      options: ['-f', join(scratch, name), ...ourImage],
    };
  }
  for (const file of (await readdir(join(checkout, chart, 'ci'))).sort()) {
    const release = basename(file, '.yaml');
    found[release] = { release, options: ['-f', join(chart, 'ci', file)] };
  }
  return found;
};

/**
 * What helm makes of the chart.
 * @param {Context} context
 * @param {Installation} installation
 * @param {string[]} options
 */
export const render = ({ tool, must }, { release, options: values }, options = []) =>
  must(tool('helm'), ['template', release, chart, '--namespace', namespace, ...values, ...options]);

/** @param {string} text @returns {KubernetesObject[]} */
export const objectsOf = (text) =>
  parseAllDocuments(text).flatMap((document) => {
    const object = document.toJS();
    return object === null ? [] : [object];
  });
