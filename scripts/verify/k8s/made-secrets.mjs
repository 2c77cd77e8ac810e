/** deploy/k8s/make-secrets.sh, run without a cluster. */
import { delimiter, dirname } from 'node:path';
import { objectsOf } from '../helm/chart.mjs';
import { namespace } from './objects.mjs';

/** @typedef {import('../checks/types.d.ts').Context} Context */
/** @typedef {Record<string, Record<string, string>>} Secrets values by name and key, decoded */

export const script = 'deploy/k8s/make-secrets.sh';

/** Values that must not be in any program's arguments. */
export const given = {
  APIM_TOKEN: 'token-of-apim-7f3a',
  AGENT_AWS_ACCESS_KEY_ID: 'AKIA0123456789ABCDEF',
  AGENT_AWS_SECRET_ACCESS_KEY: 'secret-of-aws-91bc',
};

/**
 * @param {Context} context
 * @param {string[]} args
 * @param {NodeJS.ProcessEnv} [more]
 * @returns {Promise<Secrets>}
 */
export const madeSecrets = async ({ must, tool, env }, args, more = given) => {
  const PATH = [dirname(tool('kubectl')), env['PATH']].join(delimiter);
  const said = await must(script, [...args, '--dry-run'], {
    env: { ...env, ...more, PATH, KUBECONFIG: '/dev/null' },
  });
  return Object.fromEntries(
    objectsOf(said).map((object) => {
      const { metadata, data } = /** @type {import('./objects.mjs').KubernetesObject} */ (object);
      if (metadata.namespace !== namespace) throw new Error(`${metadata.name} is in ${metadata.namespace}`);
      return [metadata.name, decoded(data)];
    }),
  );
};

/** @param {Record<string, string>} data */
const decoded = (data) =>
  Object.fromEntries(
    Object.entries(data).map(([key, value]) => [key, Buffer.from(value, 'base64').toString()]),
  );
