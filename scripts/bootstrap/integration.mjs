/**
 * Where an integration is configured, in words for the user; undefined when there is none.
 * An environment variable counts in every spelling the agent reads: `gravitee_`, `gravitee.`, `GRAVITEE_` or
 * `GRAVITEE.` before the key, dots or `_` inside it, in its exact case or all upper. An empty one is unset.
 * @param {{ env: NodeJS.ProcessEnv, hasDefaultFile: boolean, args?: string[] }} machine `hasDefaultFile`: is there a
 *   `config/gravitee.yml`? `args`: those of the command line
 * @returns {string | undefined}
 */
export const configuredBy = ({ env, hasDefaultFile, args = [] }) => {
  if (args.some((arg) => arg === '--config' || arg.startsWith('--config='))) return '--config';
  if (env['GRAVITEE_CONF']) return 'GRAVITEE_CONF';
  if (env['JDK_JAVA_OPTIONS']?.includes('-Dgravitee.conf=')) return '-Dgravitee.conf in JDK_JAVA_OPTIONS';
  const variable = Object.keys(env).find((name) => env[name] && namesFirstIntegration(name));
  if (variable !== undefined) return `the environment (${variable})`;
  return hasDefaultFile ? 'config/gravitee.yml' : undefined;
};

/** @param {string} name */
const namesFirstIntegration = (name) => {
  const key = /^(?:gravitee|GRAVITEE)[._](.*)$/.exec(name)?.[1]?.replace(/[.[\]]+/g, '_');
  return key === 'integration_providers_0_integrationId' || key === 'INTEGRATION_PROVIDERS_0_INTEGRATIONID';
};
