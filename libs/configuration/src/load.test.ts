import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { limitsAt, realLimits } from '@federation-agent/contracts';
import { ConfigurationError } from '@federation-agent/base';
import { describeConfiguration } from './description/describe.ts';
import { loadConfig } from './load.ts';
import { relaxedNames } from './sources/names.ts';
import { editDistance } from './checks/unknown-keys.ts';

let cwd: string;
beforeEach(async () => {
  cwd = await mkdtemp(join(tmpdir(), 'federation-config-'));
});
afterEach(() => rm(cwd, { recursive: true }));

const file = async (name: string, text: string): Promise<void> => {
  await mkdir(dirname(join(cwd, name)), { recursive: true });
  await writeFile(join(cwd, name), text);
};
const load = (env: Record<string, string | undefined>, argv: string[] = []) => loadConfig({ argv, env, cwd });
const linesOf = async (loading: Promise<unknown>): Promise<readonly string[]> => {
  try {
    await loading;
  } catch (error) {
    if (error instanceof ConfigurationError) return error.lines;
    throw error;
  }
  throw new Error('it was accepted');
};

/** The official agent's compose file, its `.env` filled in. */
const compose = {
  gravitee_integration_connector_ws_endpoints_0: 'https://apim.example.com/integration-controller',
  gravitee_integration_connector_ws_headers_0_name: 'Authorization',
  gravitee_integration_connector_ws_headers_0_value: 'bearer t0k3n',
  gravitee_integration_providers_0_type: 'aws-api-gateway',
  gravitee_integration_providers_0_integrationId: '6f7bb42b-3c10-4a4a-bb42-2b3c10ba4a8a',
  gravitee_integration_providers_0_configuration_accessKeyId: 'AKIA1',
  gravitee_integration_providers_0_configuration_secretAccessKey: 's3cr3t-value',
  gravitee_integration_providers_0_configuration_region: 'eu-west-1',
  gravitee_integration_providers_0_configuration_acceptApiWithoutUsagePlan: 'false',
  WS_ORG_ID: 'DEFAULT',
};
const upper = Object.fromEntries(Object.entries(compose).map(([name, value]) => [name.toUpperCase(), value]));

describe("the official agent's configuration", () => {
  test.each([
    ['exact names', compose],
    ['upper case', upper],
  ])('as environment variables, %s', async (_, env) => {
    const { config, warnings, secrets, limits } = await load(env);
    expect(config.integration.connector.ws).toMatchObject({
      endpoints: ['https://apim.example.com/integration-controller'],
      headers: [{ name: 'Authorization', value: 'bearer t0k3n' }],
      maxWebSocketFrameSize: 65_536,
    });
    expect(config.integration.providers).toMatchObject([
      {
        integrationId: '6f7bb42b-3c10-4a4a-bb42-2b3c10ba4a8a',
        configuration: {
          region: ['eu-west-1'],
          secretAccessKey: 's3cr3t-value',
          acceptApiWithoutUsagePlan: false,
        },
      },
    ]);
    expect(warnings).toEqual([]);
    expect(secrets).toEqual(['bearer t0k3n', 's3cr3t-value']);
    expect(limits).toEqual(realLimits);
  });

  const yaml = `
integration:
  connector:
    ws:
      endpoints:
        - https://apim.example.com/integration-controller
      headers:
        - name: Authorization
          value: bearer t0k3n
  providers:
    - type: aws-api-gateway
      integrationId: one
      configuration:
        region: eu-west-1, eu-west-2
        accessKeyId:
        secretAccessKey: ""
        targets:
          - accountId: 012345678901
            regions: [eu-west-1]
services:
  core:
    http:
      port: 0
`;

  test('as config/gravitee.yml; empty values are unset, digits stay digits', async () => {
    await file('config/gravitee.yml', yaml);
    const { config } = await load({});
    expect(config.integration.providers[0]?.configuration).toMatchObject({
      region: ['eu-west-1', 'eu-west-2'],
      targets: [{ accountId: '012345678901', regions: ['eu-west-1'] }],
    });
    expect(config.integration.providers[0]?.configuration).not.toHaveProperty('accessKeyId');
    expect(config.services.core.http).toMatchObject({ enabled: true, port: 0, host: 'localhost' });
  });

  test('files named override key by key, and the environment overrides them', async () => {
    await file('config/gravitee.yml', 'integration: {nonsense: true}');
    await file('a.yml', yaml);
    await file(
      'b.yml',
      'integration: {providers: [{integrationId: two}]}\nservices: {core: {http: {host: 0.0.0.0}}}',
    );
    const byName = await load({ GRAVITEE_CONF: 'a.yml,b.yml' });
    const byFlag = await load({ GRAVITEE_CONF: 'none.yml' }, ['--config', 'a.yml, b.yml']);
    expect(byFlag.config).toEqual(byName.config);
    expect(byName.warnings).toEqual([]);
    expect(byName.config.integration.providers).toMatchObject([
      { integrationId: 'two', type: 'aws-api-gateway' },
    ]);
    expect(byName.config.services.core.http).toMatchObject({ port: 0, host: '0.0.0.0' });
    const env = {
      'gravitee.integration.providers[0].integrationId': 'three',
      GRAVITEE_INTEGRATION_CONNECTOR_WS_ENDPOINTS: 'http://a,http://b',
    };
    const over = await load({ ...env, GRAVITEE_CONF: 'a.yml' });
    expect(over.config.integration.providers[0]?.integrationId).toBe('three');
    expect(over.config.integration.connector.ws.endpoints).toEqual(['http://a', 'http://b']);
  });

  test('the odd configuration[0].stage of the docs', async () => {
    const stages = {
      gravitee_integration_providers_0_configuration_0_stage: 'dev',
      gravitee_integration_providers_0_configuration_1_stage: 'prod',
    };
    const { config, warnings } = await load({ ...compose, ...stages });
    expect(config.integration.providers[0]?.configuration).toMatchObject({
      stage: ['dev', 'prod'],
      region: ['eu-west-1'],
    });
    expect(warnings).toEqual([]);
  });

  test('empty variables are unset; a list ends at its first missing index, headers at the first without a name', async () => {
    const { config } = await load({
      ...compose,
      gravitee_integration_providers_0_configuration_roleArn: '',
      gravitee_integration_connector_ws_endpoints_2: 'https://third',
      gravitee_integration_connector_ws_headers_1_value: 'x',
      gravitee_integration_connector_ws_headers_2_name: 'B',
      gravitee_integration_connector_ws_headers_2_value: 'y',
    });
    expect(config.integration.providers[0]?.configuration).not.toHaveProperty('roleArn');
    expect(config.integration.connector.ws.endpoints).toHaveLength(1);
    expect(config.integration.connector.ws.headers).toHaveLength(1);
  });

  test('aliases of other tools; the name of the key itself outranks them', async () => {
    const aliased = {
      NATS_URL: 'nats://u:brok3rpw@h:4222',
      OTEL_EXPORTER_OTLP_ENDPOINT: 'http://o:4318',
      GRAVITEE_LOG_LEVEL: 'DEBUG',
    };
    const key = { gravitee_federation_sealingKey: Buffer.alloc(32).toString('base64') };
    const { config, warnings, secrets } = await load({ ...compose, ...aliased, ...key });
    expect(config.federation).toMatchObject({
      broker: { url: aliased.NATS_URL },
      telemetry: { otlpEndpoint: 'http://o:4318' },
      log: { level: 'debug' },
    });
    expect(warnings).toEqual([]);
    expect(secrets).toContain('brok3rpw');
    const both = await load({
      ...compose,
      GRAVITEE_LOG_LEVEL: 'debug',
      gravitee_federation_log_level: 'warn',
    });
    expect(both.config.federation.log.level).toBe('warn');
  });
});

describe('mistakes', () => {
  test('all at once, with the key as it was written and without a value', async () => {
    await file(
      'g.yml',
      'services:\n  core:\n    http:\n      port: s3cr3t-port\nintegration:\n  providers:\n    - type: azure\n',
    );
    const lines = await linesOf(
      load({
        GRAVITEE_CONF: 'g.yml',
        GRAVITEE_INTEGRATION_CONNECTOR_WS_SSL_TRUSTALL: 's3cr3t-flag',
        NATS_URL: 'nats://host',
        gravitee_integration_providers_0_configuration_accessKeyId: 'AKIA',
        gravitee_federation_previousSealingKeys_0: 's3cr3t-key',
      }),
    );
    expect(lines.join('\n')).not.toContain('s3cr3t');
    const expected = [
      /^services\.core\.http\.port \(g\.yml\): must be a whole number from 0 to 65535$/u,
      /^integration\.providers\[0\]\.type \(g\.yml\): must be aws-api-gateway/u,
      /^GRAVITEE_INTEGRATION_CONNECTOR_WS_SSL_TRUSTALL: must be true or false$/u,
      /^integration\.providers\[0\]\.integrationId \(gravitee_integration_providers_0_integrationId\): required/u,
      /^integration\.connector\.ws\.endpoints\[0\] \(gravitee_integration_connector_ws_endpoints_0\): required/u,
      /^integration\.providers\[0\]\.configuration\.region .*: required/u,
      /^integration\.providers\[0\]\.configuration\.secretAccessKey .*: required/u,
      /^federation\.sealingKey .*: required with an external broker/u,
      /^gravitee_federation_previousSealingKeys_0: must be 32 bytes/u,
    ];
    for (const pattern of expected) expect(lines).toContainEqual(expect.stringMatching(pattern));
    expect(lines).toHaveLength(expected.length);
  });

  test('a file that is not there, not YAML, not keys and values', async () => {
    await file('bad.yml', 'a: [1\npassword: "s3cr3t');
    await file('text.yml', 'hello');
    const lines = await linesOf(load(compose, ['--config', 'none.yml,bad.yml,text.yml']));
    expect(lines).toEqual([
      'none.yml: cannot be read (there is no such file)',
      expect.stringMatching(/^bad\.yml:\d+:\d+: is not YAML/u),
      expect.stringMatching(/^bad\.yml/u),
      'text.yml: must hold keys and values',
    ]);
    expect(lines.join()).not.toContain('s3cr3t');
  });

  test('an unknown flag', async () => {
    expect(await linesOf(load(compose, ['--confg', 'x']))).toEqual([expect.stringContaining('--confg')]);
  });

  test('only the service that seals needs the sealing key', async () => {
    const env = { ...compose, NATS_URL: 'nats://h' };
    await loadConfig({ argv: [], env, cwd, service: 'gateway-link' });
    expect(await linesOf(loadConfig({ argv: [], env, cwd, service: 'subscription-manager' }))).toHaveLength(
      1,
    );
  });

  test('an unknown key under a root of ours is a warning with the nearest known one', async () => {
    await file(
      'config/gravitee.yml',
      'integration:\n  conector:\n    ws: {autoReconnect: true}\nother: {x: 1}',
    );
    const { warnings } = await load({
      ...compose,
      gravitee_integration_providers_0_configuration_acesKeyId: 'x',
      gravitee_something_else: 'x',
      GRAVITEE_CONF: '',
    });
    expect(warnings).toEqual([
      'integration.conector.ws.autoReconnect (config/gravitee.yml): unknown key, ignored; did you mean integration.connector.ws.autoReconnect?',
      'gravitee_integration_providers_0_configuration_acesKeyId: unknown key, ignored; did you mean gravitee_integration_providers_0_configuration_accessKeyId?',
    ]);
  });
});

describe('the time scale of tests', () => {
  const local = {
    ...compose,
    gravitee_integration_connector_ws_endpoints_0: 'http://127.0.0.1:8072',
    gravitee_integration_providers_0_configuration_endpointUrl: 'http://localhost:1234',
    FEDERATION_TEST_TIME_SCALE: '20',
  };
  test('is taken when every endpoint is loopback', async () => {
    expect((await load(local)).limits).toEqual(limitsAt(20));
  });
  test.each([
    [
      'integration.connector.ws.endpoints[0]',
      { gravitee_integration_connector_ws_endpoints_0: 'https://a.b' },
    ],
    [
      'integration.providers[0].configuration.endpointUrl',
      { gravitee_integration_providers_0_configuration_endpointUrl: '' },
    ],
    [
      'federation.broker.url',
      { NATS_URL: 'nats://broker:4222', gravitee_federation_sealingKey: Buffer.alloc(32).toString('base64') },
    ],
    ['must be a number', { FEDERATION_TEST_TIME_SCALE: '0.5' }],
  ])('is refused otherwise: %s', async (why, env) => {
    const lines = await linesOf(load({ ...local, ...env }));
    expect(lines).toEqual([expect.stringMatching(/^FEDERATION_TEST_TIME_SCALE: /u)]);
    expect(lines[0]).toContain(why);
  });
});

describe('relaxed names', () => {
  test('are those of the official agent', () => {
    expect(relaxedNames('a.b[0].c-d')).toEqual(
      expect.arrayContaining([
        'a_b_0_c-d',
        'a_b_0_cd',
        'a.b[0].c-d',
        'a.b_0.cd',
        'A_B_0_CD',
        'A.B[0].C-D',
        'a_b[0]_c-d',
      ]),
    );
    expect(relaxedNames('a.b')).not.toContain('A_b');
  });

  test('each name of each key works, with each prefix', async () => {
    const keys = describeConfiguration().filter(
      ({ path }) => /^(services|integration\.connector)/u.test(path) && !path.includes('['),
    );
    const name = fc
      .constantFrom(...keys.map(({ path }) => path))
      .chain((path) =>
        fc.tuple(
          fc.constant(path),
          fc.constantFrom('gravitee_', 'gravitee.', 'GRAVITEE_', 'GRAVITEE.'),
          fc.constantFrom(...relaxedNames(path)),
        ),
      );
    await fc.assert(
      fc.asyncProperty(name, async ([path, prefix, relaxed]) => {
        const { gravitee_integration_connector_ws_endpoints_0: _, ...rest } = compose;
        const base = path.endsWith('.endpoints') ? rest : compose;
        const lines = await load({ ...base, [`${prefix}${relaxed}`]: ',not,a,value,' }).then(
          ({ warnings }) => warnings,
          (error: unknown) => (error as ConfigurationError).lines,
        );
        // A key that accepts any text loads without a mistake. Any other key reports a mistake with the name that was
        // used, or with the name of a key beside it that is missing now.
        const beside = `${path.slice(0, path.lastIndexOf('.'))}.`;
        return (
          lines.every((line) => line.startsWith(`${prefix}${relaxed}: `) || line.startsWith(beside)) &&
          !lines.some((line) => line.includes('unknown') || line.startsWith(path))
        );
      }),
      { numRuns: 60 },
    );
  });
});

test('every key has a sentence; secrets are marked', () => {
  const keys = describeConfiguration();
  expect(keys.filter(({ description }) => description === '').map(({ path }) => path)).toEqual([]);
  const secret = keys.filter((key) => key.secret).map(({ path }) => path);
  expect(secret).toEqual(
    expect.arrayContaining([
      'integration.connector.ws.headers[n].value',
      'integration.providers[n].configuration.secretAccessKey',
      'federation.broker.password',
      'federation.sealingKey',
    ]),
  );
  expect(keys.find(({ path }) => path === 'services.core.http.port')).toMatchObject({
    environment: 'gravitee_services_core_http_port',
    fallback: '18084',
  });
});

test('the edit distance is a distance', () => {
  expect(editDistance('kitten', 'sitting')).toBe(3);
  fc.assert(
    fc.property(
      fc.string(),
      fc.string(),
      (a, b) => editDistance(a, b) === editDistance(b, a) && (editDistance(a, b) === 0) === (a === b),
    ),
  );
});
