import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { ConfigurationError } from '@federation-agent/base';
import { eventually } from '@federation-agent/base/test';
import { tlsFixture } from '@federation-agent/net/test';
import { startKubernetesApi, type KubernetesApi } from '../../test/kubernetes-api.ts';
import { loadConfig, type LoadedConfig } from '../load.ts';
import { parseReference } from './reference.ts';

let api: KubernetesApi;
let cwd: string;
const stops: (() => Promise<void>)[] = [];
beforeEach(async () => {
  api = await startKubernetesApi('agents');
  cwd = mkdtempSync(join(tmpdir(), 'secrets-'));
});
afterEach(async () => {
  for (const stop of stops.splice(0)) await stop();
  await api.stop();
  rmSync(cwd, { recursive: true });
});

const plain = {
  gravitee_integration_connector_ws_endpoints_0: 'https://apim.example.com',
  gravitee_integration_connector_ws_headers_0_name: 'Authorization',
  gravitee_integration_connector_ws_headers_0_value: 'bearer t0ken',
  gravitee_integration_providers_0_type: 'aws-api-gateway',
  gravitee_integration_providers_0_integrationId: 'one',
  gravitee_integration_providers_0_configuration_region: 'eu-west-1',
};
const header = 'gravitee_integration_connector_ws_headers_0_value';
const provider = 'gravitee_integration_providers_0_configuration_';
const load = (env: Record<string, string>): Promise<LoadedConfig> =>
  loadConfig({
    argv: [],
    env: { ...plain, ...api.env, ...env },
    cwd,
    pauses: { again: 10, unwatched: 10, file: 10 },
  });
const linesOf = async (env: Record<string, string>): Promise<readonly string[]> => {
  const error: unknown = await load(env).catch((thrown: unknown) => thrown);
  if (error instanceof ConfigurationError) return error.lines;
  throw new Error('it was accepted');
};
const authorization = ({ live }: LoadedConfig): string | undefined =>
  live.current().integration.connector.ws.headers[0]?.value;

/** Follows the secrets, and records what it is told. */
function follow(loaded: LoadedConfig) {
  const calls = {
    secrets: [] as string[],
    changed: [] as string[],
    atNextStart: [] as string[],
    trouble: [] as string[],
  };
  const following = loaded.follow({
    secret: (value) => calls.secrets.push(value),
    changed: (line) => calls.changed.push(line),
    atNextStart: (line) => calls.atNextStart.push(line),
    trouble: (line) => calls.trouble.push(line),
  });
  stops.push(() => following.stop());
  return calls;
}

describe('read at the start', () => {
  test('from the cluster, with the namespace of the pod or another, in files and in the environment', async () => {
    api.set('agents', 'apim', { token: 'from-cluster\n' });
    api.set('other', 'aws', { id: 'AKIA', key: 'aws-secret' });
    writeFileSync(
      join(cwd, 'g.yml'),
      `integration: {providers: [{configuration: {accessKeyId: "secret://kubernetes/aws:id?namespace=other",
        secretAccessKey: "secret://kubernetes/aws:key?namespace=other"}}]}`,
    );
    const loaded = await load({ GRAVITEE_CONF: 'g.yml', [header]: 'bearer secret://kubernetes/apim:token' });
    expect(authorization(loaded)).toBe('bearer from-cluster');
    expect(loaded.config.integration.providers[0]?.configuration).toMatchObject({
      accessKeyId: 'AKIA',
      secretAccessKey: 'aws-secret',
    });
    expect(loaded.secrets).toEqual(expect.arrayContaining(['from-cluster', 'AKIA', 'aws-secret']));
    const shown = JSON.stringify(loaded.values);
    expect(shown).not.toMatch(/from-cluster|AKIA|aws-secret/u);
    expect(shown).toContain('file:g.yml, secret://kubernetes/aws:id?namespace=other');
  });

  test('from the environment and from files', async () => {
    writeFileSync(join(cwd, 'region'), 'eu-west-2\n');
    const loaded = await load({
      TOKEN: 'bearer x',
      [header]: 'secret://env/TOKEN',
      [`${provider}region`]: 'secret://file/./region',
      gravitee_federation_dataDir: `secret://file/${cwd.replace(/^\//u, '')}/region`,
    });
    expect(authorization(loaded)).toBe('bearer x');
    expect(loaded.config.integration.providers[0]?.configuration.region).toEqual(['eu-west-2']);
    expect(loaded.config.federation.dataDir).toBe('eu-west-2');
  });

  test('every one that cannot be read, by its name and with what mends it', async () => {
    api.set('agents', 'apim', { token: 's3cr3t', empty: '' });
    const lines = await linesOf({
      [header]: 'bearer secret://kubernetes/apim:tokn',
      [`${provider}accessKeyId`]: 'secret://kubernetes/none:id',
      [`${provider}secretAccessKey`]: 'secret://env/NOT_THERE',
      [`${provider}region`]: 'secret://file/not/there',
      gravitee_services_core_http_port: 'secret://vault/x',
      gravitee_federation_dataDir: 'secret://kubernetes/apim:empty',
      gravitee_cloud_token: 'secret://kubernetes/without-key',
    });
    expect(lines).toEqual(
      expect.arrayContaining([
        `${header}: secret://kubernetes/apim:tokn cannot be read: the secret apim has no key tokn; it has token, empty`,
        `${provider}accessKeyId: secret://kubernetes/none:id cannot be read: there is no secret none in the namespace agents`,
        `${provider}secretAccessKey: secret://env/NOT_THERE cannot be read: the variable NOT_THERE is not set`,
        expect.stringMatching(/region: secret:\/\/file\/not\/there cannot be read: .*ENOENT/u),
        expect.stringMatching(/port: secret:\/\/vault\/x cannot be read: names an unknown place/u),
        expect.stringMatching(/dataDir: .* the key empty of the secret apim is empty/u),
        expect.stringMatching(/cloud_token: .* must be secret:\/\/kubernetes\/<secret>:<key>/u),
      ]),
    );
    expect(lines).toHaveLength(7);
    expect(lines.join('\n')).not.toContain('s3cr3t');
  });

  test('a denied read names the Role that is missing', async () => {
    api.set('agents', 'apim', { token: 'x' });
    api.deny('get');
    expect(await linesOf({ [header]: 'secret://kubernetes/apim:token' })).toEqual([
      `${header}: secret://kubernetes/apim:token cannot be read: system:serviceaccount:agents:agent may not get it: it needs a Role in ` +
        'the namespace agents with {apiGroups: [""], resources: ["secrets"], resourceNames: ["apim"], verbs: ["get"]}, and a RoleBinding',
    ]);
  });

  test('outside a cluster, and with an API that is not there', async () => {
    const secret = { [header]: 'secret://kubernetes/apim:token' };
    expect(await linesOf({ ...secret, KUBERNETES_SERVICE_HOST: '' })).toEqual([
      expect.stringContaining('not in a cluster'),
    ]);
    expect(await linesOf({ ...secret, KUBERNETES_SERVICE_PORT: '1' })).toEqual([
      expect.stringMatching(/the Kubernetes API at 127\.0\.0\.1:1 does not answer: .*ECONNREFUSED/u),
    ]);
    expect(await linesOf({ ...secret, gravitee_federation_kubernetes_serviceAccountDir: '/none' })).toEqual([
      expect.stringContaining('/none/namespace cannot be read'),
    ]);
  });

  test('the cluster is not asked when nothing refers to it', async () => {
    api.renewToken();
    await expect(load({ KUBERNETES_SERVICE_HOST: '' })).resolves.toBeDefined();
  });
});

describe('watched', () => {
  test('a new token is there at once, also after the watch ended, with the token of the service account renewed', async () => {
    api.set('agents', 'apim', { token: 'one' });
    const loaded = await load({ [header]: 'bearer secret://kubernetes/apim:token?watch' });
    const calls = follow(loaded);
    const seen: (string | undefined)[] = [];
    loaded.live.watch('integration.connector.ws.headers', ({ integration }) =>
      seen.push(integration.connector.ws.headers[0]?.value),
    );
    await eventually(() => api.watches() === 1);
    api.set('agents', 'apim', { token: 'two' });
    await eventually(() => authorization(loaded) === 'bearer two');
    api.renewToken();
    api.endWatches(true);
    await eventually(() => api.watches() === 1);
    api.set('agents', 'apim', { token: 'three' });
    await eventually(() => authorization(loaded) === 'bearer three');
    expect(seen).toEqual(['bearer two', 'bearer three']);
    expect(calls.secrets).toEqual(expect.arrayContaining(['two', 'three', 'bearer three']));
    expect(calls.changed).toEqual([header, header]);
    expect(authorization({ ...loaded, live: { ...loaded.live, current: () => loaded.config } })).toBe(
      'bearer one',
    );
  });

  test('both halves of an AWS key come as one change', async () => {
    api.set('agents', 'aws', { id: 'A1', key: 'k1' });
    const loaded = await load({
      [`${provider}accessKeyId`]: 'secret://kubernetes/aws:id?watch',
      [`${provider}secretAccessKey`]: 'secret://kubernetes/aws:key?watch',
    });
    follow(loaded);
    const seen: string[] = [];
    loaded.live.watch('integration.providers[0].configuration', ({ integration }) => {
      const { accessKeyId, secretAccessKey } = integration.providers[0]?.configuration ?? {};
      seen.push(`${accessKeyId ?? ''} ${secretAccessKey ?? ''}`);
    });
    await eventually(() => api.watches() === 1);
    api.set('agents', 'aws', { id: 'A2', key: 'k2' });
    await eventually(() => seen.length > 0);
    expect(seen).toEqual(['A2 k2']);
  });

  test('without the right to watch it is read again and again, said once', async () => {
    api.set('agents', 'apim', { token: 'one' });
    api.deny('watch');
    const loaded = await load({ [header]: 'secret://kubernetes/apim:token?watch' });
    const calls = follow(loaded);
    await eventually(() => calls.trouble.length === 1);
    api.set('agents', 'apim', { token: 'two' });
    await eventually(() => authorization(loaded) === 'two');
    expect(calls.trouble).toEqual([expect.stringMatching(/may not watch it.*verbs: \["watch"\]/u)]);
  });

  test('a file that is replaced; a value that cannot be used leaves the last one', async () => {
    writeFileSync(join(cwd, 'port'), '1234');
    const loaded = await load({ gravitee_services_core_http_port: 'secret://file/./port?watch' });
    const calls = follow(loaded);
    writeFileSync(join(cwd, 'next'), 's3cr3t');
    renameSync(join(cwd, 'next'), join(cwd, 'port'));
    await eventually(() => calls.trouble.length > 0);
    expect(calls.trouble[0]).toBe('gravitee_services_core_http_port: must be a whole number from 0 to 65535');
    expect(loaded.live.current().services.core.http.port).toBe(1234);
    writeFileSync(join(cwd, 'port'), '4321');
    await eventually(() => loaded.live.current().services.core.http.port === 4321);
    expect(calls.trouble).toHaveLength(1);
    expect(calls.atNextStart).toEqual(['gravitee_services_core_http_port']);
    expect(calls.changed).toEqual([]);
  });

  test.each([
    ['at once', `${provider}accessKeyId`, 'AKIA'],
    ['at once', 'gravitee_integration_connector_ws_ssl_truststore_password', 'x'],
    ['at once', `${provider}externalId`, 'x'],
    ['at once', `${provider}roleArn`, 'arn:aws:iam::123456789012:role/one'],
    ['at the next start', 'gravitee_federation_broker_password', 'x'],
    ['at the next start', 'gravitee_integration_connector_ws_proxy_password', 'x'],
  ])('used %s: %s', async (when, variable, value) => {
    writeFileSync(join(cwd, 'value'), value);
    const loaded = await load({
      [`${provider}accessKeyId`]: 'A',
      [`${provider}secretAccessKey`]: 's',
      gravitee_integration_connector_ws_ssl_truststore_path: tlsFixture('truststore.pem'),
      [variable]: 'secret://file/./value?watch',
    });
    const calls = follow(loaded);
    writeFileSync(join(cwd, 'next'), `${value}2`);
    renameSync(join(cwd, 'next'), join(cwd, 'value'));
    await eventually(() => calls.changed.length + calls.atNextStart.length > 0);
    expect(calls).toMatchObject(
      when === 'at once'
        ? { changed: [variable], atNextStart: [] }
        : { changed: [], atNextStart: [variable] },
    );
  });

  test('without watch nothing is followed', async () => {
    api.set('agents', 'apim', { token: 'one' });
    const loaded = await load({ [header]: 'secret://kubernetes/apim:token' });
    follow(loaded);
    expect(api.watches()).toBe(0);
  });
});

test.each([
  ['secret://file/run/x', { from: 'file', path: '/run/x', watch: false }],
  ['secret://file//run/x?watch', { from: 'file', path: '/run/x', watch: true }],
  ['secret://file/C:/x', { from: 'file', path: 'C:/x', watch: false }],
  [
    'secret://kubernetes/a-b.c:tls.key?namespace=n&watch',
    { from: 'kubernetes', secret: 'a-b.c', key: 'tls.key', namespace: 'n', watch: true },
  ],
  ['secret://kubernetes/a:b?watch=false', expect.objectContaining({ watch: false })],
])('%s', (reference, parsed) => {
  expect(parseReference(reference)).toEqual(parsed);
});
