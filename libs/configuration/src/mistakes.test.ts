/** Every wrong configuration prints what it should: all of it at once, no secret, no stack. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from '@jest/globals';
import { ConfigurationError } from '@federation-agent/base';
import { tlsFixture } from '@federation-agent/net/test';
import { loadConfig } from './load.ts';
import {
  validEnvironment,
  wrongFiles,
  wrongTexts,
  wrongValues,
  type WrongConfiguration,
} from '../test/wrong-configurations.ts';
import { wrongConnections } from '../test/wrong-connections.ts';

const cwd = mkdtempSync(join(tmpdir(), 'mistakes-'));
afterAll(() => rmSync(cwd, { recursive: true }));
const load = ({ env = {}, file, argv = [] }: Omit<WrongConfiguration, 'prints'>) => {
  if (file !== undefined) writeFileSync(join(cwd, 'g.yml'), file);
  const conf = file === undefined ? {} : { GRAVITEE_CONF: 'g.yml' };
  return loadConfig({ argv: [...argv], env: { ...validEnvironment, ...conf, ...env }, cwd });
};

describe.each([
  ['values', wrongValues],
  ['texts', wrongTexts],
  ['files', wrongFiles],
  ['connections', wrongConnections],
])('%s', (_, wrong) => {
  test.each(Object.entries(wrong))('%s', async (_name, { prints, ...configuration }) => {
    const error: unknown = await load(configuration).catch((thrown: unknown) => thrown);
    if (!(error instanceof ConfigurationError)) throw new Error(`it was accepted: ${JSON.stringify(error)}`);
    for (const line of prints) expect(error.lines).toContainEqual(expect.stringMatching(line));
    expect(error.lines).toHaveLength(prints.length);
    expect(error.lines.join('\n')).not.toMatch(/s3cr3t|\n\s+at /iu);
  });
});

const warned: Record<string, Omit<WrongConfiguration, 'prints'> & { readonly warns: readonly RegExp[] }> = {
  'an empty file': { file: '', warns: [/^g\.yml: is empty$/u] },
  'a file of comments': { file: '# nothing\n', warns: [/^g\.yml: is empty$/u] },
  'users without a password': {
    file: 'services: {core: {http: {authentication: {users: {admin: "", other: null}}}}}',
    warns: [
      /^services\.core\.http\.authentication\.users\.admin \(g\.yml\): is empty, so this user does not exist$/u,
      /users\.other/u,
    ],
  },
  'a root that is nearly one of ours, and system': {
    file: 'sevices: {core: {http: {port: 1}}}\nsystem: {prxy: {host: a}}\nother: {a: b}\n',
    warns: [
      /^sevices\.core\.http\.port \(g\.yml\): unknown key, ignored; did you mean services\.core\.http\.port\?$/u,
      /^system\.prxy\.host \(g\.yml\): unknown key, ignored; did you mean system\.proxy\.host\?$/u,
    ],
  },
  'keys that stand too far left or right': {
    file: 'connector: {ws: {autoReconnect: "true"}}\ngraviteeYml: {services: {core: {http: {port: 1}}}}',
    warns: [
      /^connector\.ws\.autoReconnect \(g\.yml\): unknown key, ignored; did you mean integration\.connector\.ws\.autoReconnect\?$/u,
      /^graviteeYml\.services\.core\.http\.port \(g\.yml\): .* did you mean services\.core\.http\.port\?$/u,
    ],
  },
  'keys of the official agent that are not supported': {
    file: 'services: {core: {http: {ssl: {clientAuth: "true", truststore: {path: x}}}}}',
    warns: [
      /^services\.core\.http\.ssl\.clientAuth \(g\.yml\): not supported, ignored: clients are not asked for a certificate$/u,
      /truststore\.path \(g\.yml\): not supported/u,
    ],
  },
  'a list with a gap, a header without a name': {
    env: {
      gravitee_integration_connector_ws_endpoints_2: 'https://third',
      gravitee_integration_connector_ws_headers_1_value: 'x',
      gravitee_integration_providers_2_integrationId: 'three',
    },
    warns: [
      /^gravitee_integration_connector_ws_headers_1_value: is not sent: its name is missing$/u,
      /endpoints_2: not read: the list ends before this item/u,
      /providers_2_integrationId: not read: the list ends before this item, at the first missing index$/u,
    ],
  },
  'a truststore in which everything has expired': {
    env: { gravitee_integration_connector_ws_ssl_truststore_path: tlsFixture('expired.pem') },
    warns: [/^gravitee_integration_connector_ws_ssl_truststore_path: all of its certificates have expired/u],
  },
};

test.each(Object.entries(warned))('%s is a warning', async (_, { warns, ...configuration }) => {
  const { warnings } = await load(configuration);
  for (const line of warns) expect(warnings).toContainEqual(expect.stringMatching(line));
  expect(warnings).toHaveLength(warns.length);
});

const fine: Record<string, Omit<WrongConfiguration, 'prints'>> = {
  'line ends of Windows in .env': {
    env: Object.fromEntries(Object.entries(validEnvironment).map(([name, value]) => [name, `${value}\r`])),
  },
  'a file with a BOM and line ends of Windows': {
    file: '\ufeffservices:\r\n  core:\r\n    http:\r\n      port: " 18084 "\r\n',
  },
  'blanks and commas behind': {
    env: {
      gravitee_integration_providers_0_configuration_region: 'eu-west-1, us-gov-west-1,',
      gravitee_services_core_http_port: ' 18084 ',
    },
  },
  'an endpoint with a slash behind': {
    env: { gravitee_integration_connector_ws_endpoints_0: 'https://a.b/c/' },
  },
  'a list of a file that the environment has as one text': {
    file: 'integration: {providers: [{configuration: {region: [eu-west-2, eu-west-3]}}]}',
  },
  'the variables that Kubernetes makes of a service': {
    env: {
      GRAVITEE_FEDERATION_SERVICE_HOST: '10.0.0.1',
      GRAVITEE_FEDERATION_SERVICE_PORT_HTTP: '80',
      GRAVITEE_FEDERATION_PORT: 'tcp://10.0.0.1:80',
      GRAVITEE_FEDERATION_PORT_80_TCP_ADDR: '10.0.0.1',
    },
  },
  'keys that the official agent reads and this one need not': {
    file: 'integration: {connector: {ws: {maxRetry: 5}}}\nservices: {metrics: {prometheus: {naming: {version: "3.10"}}}}',
  },
  'quotes and dollars in a password': {
    env: { gravitee_services_core_http_authentication_users_admin: '"$pa$$(x) ${w0rd}"' },
  },
};

test.each(Object.entries(fine))('%s: nothing is wrong', async (_, configuration) => {
  const { config, warnings } = await load(configuration);
  expect(warnings).toEqual([]);
  expect(config.integration.connector.ws.headers[0]?.value).toBe('bearer s3cr3t');
  expect(config.services.core.http.port).toBe(18_084);
});

test('a service does not look at what only another one needs', async () => {
  const env = {
    ...validEnvironment,
    gravitee_integration_connector_ws_ssl_truststore_path: '/none.p12',
    HTTPS_PROXY: 'ftp://x',
  };
  const linesOf = (service: 'gateway-link' | 'aws-discovery'): Promise<readonly string[]> =>
    loadConfig({ argv: [], env, cwd, service }).then(
      () => [],
      (error: unknown) => (error as ConfigurationError).lines,
    );
  expect(await linesOf('gateway-link')).toEqual([expect.stringMatching(/truststore_path/u)]);
  expect(await linesOf('aws-discovery')).toEqual([expect.stringMatching(/^HTTPS_PROXY/u)]);
});
