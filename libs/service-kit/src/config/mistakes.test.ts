/** Wrong configurations and what each prints: a line per mistake, all at once, no value. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from '@jest/globals';
import { ConfigurationError } from '../errors.ts';
import { loadConfig } from './load.ts';

const cwd = mkdtempSync(join(tmpdir(), 'mistakes-'));
afterAll(() => rmSync(cwd, { recursive: true }));

const good = {
  gravitee_integration_connector_ws_endpoints_0: 'https://apim.example.com/integration-controller',
  gravitee_integration_connector_ws_headers_0_name: 'Authorization',
  gravitee_integration_connector_ws_headers_0_value: 'bearer s3cr3t',
  gravitee_integration_providers_0_type: 'aws-api-gateway',
  gravitee_integration_providers_0_integrationId: 'one',
  gravitee_integration_providers_0_configuration_region: 'eu-west-1',
};
const ws = 'gravitee_integration_connector_ws_';
const provider = 'gravitee_integration_providers_0_';
const second = 'gravitee_integration_providers_1_';
const key = `${provider}configuration_`;

interface Wrong {
  readonly env?: Record<string, string>;
  readonly file?: string;
  readonly argv?: string[];
  readonly prints: readonly RegExp[];
}

const wrong: Record<string, Wrong> = {
  'nothing at all': {
    env: Object.fromEntries(Object.keys(good).map((name) => [name, ''])),
    prints: [
      /^integration\.connector\.ws\.endpoints\[0\] .*: required/u,
      /^integration\.providers\[0\]\.integrationId .*: required/u,
    ],
  },
  'no endpoint': { env: { [`${ws}endpoints_0`]: '' }, prints: [/endpoints_0\): required: the URL/u] },
  'an endpoint that is no URL': {
    env: { [`${ws}endpoints_0`]: 'https://[your-APIM-management-API-host]/integration-controller' },
    prints: [/^gravitee_integration_connector_ws_endpoints_0: must be a URL/u],
  },
  'an endpoint of another scheme': {
    env: { [`${ws}endpoints_0`]: 'ftp://s3cr3t' },
    prints: [/http:\/\/ or https:\/\//u],
  },
  'a header without a value': {
    env: { [`${ws}headers_0_value`]: '' },
    prints: [/headers_0_value\): required$/u],
  },
  'a flag that is none': {
    env: { [`${ws}ssl_trustAll`]: 's3cr3t' },
    prints: [/trustAll: must be true or false$/u],
  },
  'a truststore of a kind that there is not': {
    env: { [`${ws}ssl_truststore_type`]: 's3cr3t' },
    prints: [/truststore_type: must be one of JKS, PKCS12, PEM$/u],
  },
  'a frame that is too large': {
    env: { [`${ws}maxWebSocketFrameSize`]: '65537' },
    prints: [/maxWebSocketFrameSize: must be a whole number from 125 to 65536$/u],
  },
  'another provider': {
    env: { [`${provider}type`]: 'azure' },
    prints: [/type: must be aws-api-gateway: this agent speaks for no other/u],
  },
  'no integration': { env: { [`${provider}integrationId`]: '' }, prints: [/integrationId\): required$/u] },
  'an integration twice': {
    env: {
      [`${second}type`]: 'aws-api-gateway',
      [`${second}integrationId`]: 'one',
      [`${second}configuration_region`]: 'x',
    },
    prints: [/^gravitee_integration_providers_1_integrationId: one is configured twice$/u],
  },
  'no region': { env: { [`${key}region`]: '' }, prints: [/region\): required: the AWS region/u] },
  'half an AWS key': {
    env: { [`${key}accessKeyId`]: 'AKIAS3CR3T' },
    prints: [/secretAccessKey\): required beside the other half/u],
  },
  'more requests than AWS allows': {
    env: { [`${key}requestsPerSecond`]: '11', [`${key}burst`]: '0' },
    prints: [
      /requestsPerSecond: must be a number above 0, at most 8$/u,
      /burst: must be a whole number from 1 to 10$/u,
    ],
  },
  'a port that is none': {
    file: 'services: {core: {http: {port: s3cr3t}}}',
    prints: [/^services\.core\.http\.port \(g\.yml\): must be a whole number from 0 to 65535$/u],
  },
  'HTTPS without a keystore': {
    file: 'services: {core: {http: {secured: "true"}}}',
    prints: [/^services\.core\.http\.ssl\.keystore\.path .*: required because/u],
  },
  'an external broker without a sealing key': {
    env: { NATS_URL: 'nats://u:s3cr3t@h' },
    prints: [/sealingKey\): required with an external broker/u],
  },
  'a sealing key that is too short': {
    env: { gravitee_federation_sealingKey: 's3cr3t' },
    prints: [/sealingKey.*: must be 32 bytes, base64$/u],
  },
  'a Cloud Token that is none': {
    env: { [`${ws}endpoints_0`]: '', gravitee_cloud_token: 's3cr3t' },
    prints: [/^gravitee_cloud_token: is not a JWT/u],
  },
  'a reference to nothing': {
    env: { [`${ws}headers_0_value`]: 'secret://env/NONE' },
    prints: [/headers_0_value: secret:\/\/env\/NONE cannot be read: the variable NONE is not set$/u],
  },
  'a log level that is none': {
    env: { GRAVITEE_LOG_LEVEL: 's3cr3t' },
    prints: [/^GRAVITEE_LOG_LEVEL: must be one of fatal, error/u],
  },
  'a file that is not YAML': { file: 'a: [s3cr3t', prints: [/^g\.yml:1:\d+: is not YAML/u] },
  'a file that is not there': {
    argv: ['--config', 'none.yml'],
    prints: [/^none\.yml: cannot be read \(there is no such file\)$/u],
  },
  'a file that the Java options name and that is not there': {
    env: { JDK_JAVA_OPTIONS: '-Xmx256m "-Dgravitee.conf=my none.yml"' },
    prints: [/^my none\.yml: cannot be read/u],
  },
  'an option that there is not': { argv: ['--confg', 'x'], prints: [/--confg/u] },
  'many at once': {
    env: { [`${key}region`]: '', [`${ws}autoReconnect`]: 'perhaps', [`${ws}endpoints`]: 'a,b' },
    file: 'federation: {ingest: {batchApis: 0}}',
    prints: [
      /^gravitee_integration_connector_ws_endpoints: must be a URL/u,
      /region\): required/u,
      /autoReconnect: must be true or false/u,
      /batchApis \(g\.yml\): must be a whole number/u,
    ],
  },
};

test.each(Object.entries(wrong))('%s', async (_, { env = {}, file, argv = [], prints }) => {
  if (file !== undefined) writeFileSync(join(cwd, 'g.yml'), file);
  const conf = file === undefined ? {} : { GRAVITEE_CONF: 'g.yml' };
  const error: unknown = await loadConfig({ argv, env: { ...good, ...conf, ...env }, cwd }).catch(
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof ConfigurationError)) throw new Error(`it was accepted: ${String(error)}`);
  for (const line of prints) expect(error.lines).toContainEqual(expect.stringMatching(line));
  expect(error.lines).toHaveLength(prints.length);
  expect(error.lines.join('\n')).not.toMatch(/s3cr3t|\n\s+at /iu);
});
