/** deploy/docker-compose*.yml: rendered by docker compose itself, and checked against our rules. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** @typedef {import('./types.d.ts').Context} Context */
/**
 * @typedef {object} Service what docker compose renders, as far as it is looked at
 * @property {string} image
 * @property {string} [restart]
 * @property {string} [mem_limit]
 * @property {boolean} [read_only]
 * @property {string[]} [cap_drop]
 * @property {{ published: string, target: number, host_ip?: string }[]} [ports]
 * @property {Record<string, string>} [environment]
 * @property {string[]} [profiles]
 */

const stack = 'deploy/docker-compose.yml';
const dropIn = 'deploy/docker-compose.agent.yml';
const officialEnv = 'tests/e2e/official-page/env.example';

/**
 * @param {Context} context
 * @param {string} file
 * @param {string} envFile
 * @param {string[]} options
 * @returns {Promise<Record<string, Service>>} the services by name
 */
const rendered = async ({ tool, must }, file, envFile, options = []) => {
  const args = ['--env-file', envFile, '-f', file, ...options, 'config', '--format', 'json'];
  return JSON.parse(await must(tool('docker-compose'), args)).services;
};

/** @param {Record<string, Service>} services @returns {string[]} what is against the rules */
const breaches = (services) =>
  Object.entries(services).flatMap(([name, service]) => [
    ...(/:(latest)?$|^[^:]+$/.test(service.image)
      ? [`${name}: the image ${service.image} is not pinned`]
      : []),
    ...(service.mem_limit === undefined ? [`${name}: no memory limit`] : []),
    ...(service.restart === undefined ? [`${name}: no restart policy`] : []),
    ...(name !== 'secrets' && service.read_only !== true
      ? [`${name}: its root file system can be written`]
      : []),
    ...(name !== 'secrets' && !service.cap_drop?.includes('ALL') ? [`${name}: keeps capabilities`] : []),
    ...(service.ports ?? [])
      .filter(({ host_ip }) => host_ip !== '127.0.0.1')
      .map(({ published }) => `${name}: port ${published} is open to everybody`),
  ]);

/** @param {boolean} holds @param {string} otherwise */
const assertThat = (holds, otherwise) => {
  if (!holds) throw new Error(otherwise);
};

/** @type {import('./types.d.ts').Check[]} */
export const checks = [
  {
    name: 'compose: the stack renders, with and without the sandbox',
    needs: ['docker-compose'],
    run: async (context) => {
      const without = await rendered(context, stack, '/dev/null');
      const all = await rendered(context, stack, '/dev/null', ['--profile', 'sandbox']);
      assertThat(!('sandbox' in without) && 'sandbox' in all, 'the sandbox is not in its profile alone');
      const wrong = breaches(all);
      assertThat(wrong.length === 0, wrong.join('\n'));
      return `${Object.keys(all).length} services`;
    },
  },
  {
    name: 'compose: the official variables reach each service, and nothing of the sandbox does',
    needs: ['docker-compose'],
    run: async (context) => {
      for (const envFile of [officialEnv, 'deploy/.env.example']) {
        const services = await rendered(context, stack, envFile);
        for (const name of ['gateway-link', 'aws-discovery', 'subscription-manager']) {
          const { environment = {} } = services[name] ?? {};
          assertThat(
            environment['gravitee_integration_connector_ws_endpoints_0']?.includes(
              'integration-controller',
            ) === true &&
              environment['gravitee_integration_connector_ws_headers_0_value'] === 'bearer [your-token]',
            `${name}: the endpoint or the token of ${envFile} is not in its environment`,
          );
          assertThat(
            environment['GRAVITEE_CONF']?.endsWith('sandbox-off.yml') === true,
            `${name} reads the sandbox's file`,
          );
        }
        const { environment = {} } = services['console'] ?? {};
        assertThat(
          environment['gravitee_integration_providers_0_integrationId'] !== undefined,
          'the console does not know the integration',
        );
        assertThat(
          !/headers|accessKey|cloud_token/i.test(Object.keys(environment).join()),
          'the console has a token or a key that it does not need',
        );
      }
      return undefined;
    },
  },
  {
    name: 'compose: the drop-in is the official file with another image',
    needs: ['docker-compose'],
    run: async (context) => {
      const lines = async (/** @type {string} */ file) =>
        (await readFile(join(context.checkout, file), 'utf8'))
          .split('\n')
          .filter((line) => !/^\s+image: /.test(line));
      const [ours, official] = await Promise.all([
        lines(dropIn),
        lines('tests/e2e/official-page/docker-compose.yml'),
      ]);
      assertThat(
        ours.join('\n') === official.join('\n'),
        `${dropIn} differs from the official file in more than the image`,
      );
      const { 'integration-agent': agent } = await rendered(context, dropIn, officialEnv);
      assertThat(agent?.image.startsWith('federation-agent/agent:') === true, 'the image is not ours');
      return agent?.image;
    },
  },
];
