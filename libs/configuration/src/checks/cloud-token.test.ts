import { describe, expect, test } from '@jest/globals';
import { ConfigurationError } from '@federation-agent/base';
import { loadConfig } from '../load.ts';

const now = Date.parse('2026-01-01T00:00:00Z');
const encode = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');
const token = (claims: object): string => `${encode({ alg: 'RS256' })}.${encode(claims)}.c2lnbmF0dXJl`;
const claims = { org: 'an-org', envs: ['an-env'], cpg: 'eu', exp: now / 1_000 + 60 };

const provider = {
  gravitee_integration_providers_0_type: 'aws-api-gateway',
  gravitee_integration_providers_0_integrationId: 'one',
  gravitee_integration_providers_0_configuration_region: 'eu-west-1',
};
const load = (env: Record<string, string>) =>
  loadConfig({ argv: [], env: { ...provider, ...env }, cwd: '/', now: () => now });

describe('a Cloud Token', () => {
  test.each(['eu', 'us'])('leads to the gate of its region: %s', async (cpg) => {
    const { config, secrets, values } = await load({ gravitee_cloud_token: token({ ...claims, cpg }) });
    expect(config.integration.connector.ws).toMatchObject({
      endpoints: [`https://${cpg}.cloudgate.gravitee.io/apim/integration-controller`],
      headers: [{ name: 'Authorization', value: `Bearer ${token({ ...claims, cpg })}` }],
    });
    expect(secrets).toContain(token({ ...claims, cpg }));
    expect(JSON.stringify(values)).not.toContain(encode({ ...claims, cpg }));
    expect(values).toContainEqual({
      path: 'integration.connector.ws.endpoints[0]',
      value: `https://${cpg}.cloudgate.gravitee.io/apim/integration-controller`,
      source: 'cloud.token',
    });
  });

  test('the path can be set; one environment may be a text; more claims do no harm', async () => {
    const { config } = await load({
      GRAVITEE_CLOUD_TOKEN: token({ ...claims, envs: 'one', sub: 1, exp: undefined }),
      gravitee_federation_cloud_path: 'elsewhere',
    });
    expect(config.integration.connector.ws.endpoints).toEqual(['https://eu.cloudgate.gravitee.io/elsewhere']);
  });

  test('an endpoint of the user wins, and so does an Authorization header', async () => {
    const own = {
      gravitee_cloud_token: token(claims),
      gravitee_integration_connector_ws_endpoints_0: 'https://own.example.com',
    };
    const endpoint = await load(own);
    expect(endpoint.config.integration.connector.ws).toMatchObject({
      endpoints: ['https://own.example.com'],
      headers: [{ name: 'Authorization', value: `Bearer ${token(claims)}` }],
    });
    const both = await load({
      ...own,
      gravitee_integration_connector_ws_headers_0_name: 'authorization',
      gravitee_integration_connector_ws_headers_0_value: 'bearer own',
    });
    expect(both.config.integration.connector.ws.headers).toEqual([
      { name: 'authorization', value: 'bearer own' },
    ]);
  });

  test.each([
    [
      'expired',
      token({ ...claims, exp: now / 1_000 }),
      /expired at 2026-01-01T00:00:00\.000Z: make a new Cloud Token/u,
    ],
    [
      'of a region that cannot be one',
      token({ ...claims, cpg: 'evil.example.com/' }),
      /has no usable region in its claim cpg, such as eu or us; set the endpoint/u,
    ],
    ['without a region', token({ org: 'x' }), /claim cpg/u],
    ['cut off', token(claims).slice(0, 40), /is not a JWT: copy the whole/u],
    ['of another claim', token({ ...claims, exp: 'soon' }), /has a claim of an unexpected type \(exp\)/u],
  ])('%s: one clear line without the token', async (_, wrong, says) => {
    const error: unknown = await load({ gravitee_cloud_token: wrong }).catch((thrown: unknown) => thrown);
    if (!(error instanceof ConfigurationError)) throw new Error('it was accepted');
    expect(error.lines).toEqual([expect.stringMatching(/^gravitee_cloud_token: /u)]);
    expect(error.lines[0]).toMatch(says);
    expect(error.lines[0]).not.toContain(wrong.slice(20));
  });

  test('a region that is not known is taken as it is, with a warning', async () => {
    const { config, warnings } = await load({ gravitee_cloud_token: token({ ...claims, cpg: 'ap' }) });
    expect(config.integration.connector.ws.endpoints[0]).toMatch(/^https:\/\/ap\.cloudgate\.gravitee\.io\//u);
    expect(warnings).toEqual([
      expect.stringMatching(/^gravitee_cloud_token: names the region ap, which this agent does not know/u),
    ]);
  });

  test('a wrong one of which nothing is used is a warning', async () => {
    const own = {
      gravitee_integration_connector_ws_endpoints_0: 'https://own.example.com',
      gravitee_integration_connector_ws_headers_0_name: 'Authorization',
      gravitee_integration_connector_ws_headers_0_value: 'bearer own',
    };
    expect((await load({ ...own, gravitee_cloud_token: 'x' })).warnings).toEqual([
      expect.stringMatching(/^gravitee_cloud_token: is not a JWT.*it is not used/u),
    ]);
    expect((await load({ ...own, gravitee_cloud_token: '[your-cloud-token]' })).warnings).toEqual([
      expect.stringMatching(
        /^gravitee_cloud_token: still has the placeholder .* or remove it .*it is not used/u,
      ),
    ]);
  });
});
