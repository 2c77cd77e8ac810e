import { describe, expect, test } from '@jest/globals';
import { configuredBy } from './integration.mjs';

/** @param {Record<string, string>} env @param {string[]} [args] */
const asked = (env, args) => configuredBy({ env, hasDefaultFile: false, args });

describe('an integration is configured', () => {
  test.each([
    'gravitee_integration_providers_0_integrationId',
    'gravitee.integration.providers[0].integrationId',
    'GRAVITEE_integration_providers_0_integrationId',
    'GRAVITEE.integration.providers.0.integrationId',
    'GRAVITEE_INTEGRATION_PROVIDERS_0_INTEGRATIONID',
    'GRAVITEE.INTEGRATION.PROVIDERS[0].INTEGRATIONID',
    'gravitee_INTEGRATION_PROVIDERS_0_INTEGRATIONID',
  ])('by %s', (name) => expect(asked({ [name]: '4f5a' })).toBe(`the environment (${name})`));

  test('by GRAVITEE_CONF', () => expect(asked({ GRAVITEE_CONF: '/etc/a.yml' })).toBe('GRAVITEE_CONF'));
  test('by the option of the official chart', () =>
    expect(asked({ JDK_JAVA_OPTIONS: '-Xmx1g -Dgravitee.conf=/a.yml' })).toMatch(/JDK_JAVA_OPTIONS/));
  test('by --config', () => {
    expect(asked({}, ['--config', 'a.yml'])).toBe('--config');
    expect(asked({}, ['--config=a.yml'])).toBe('--config');
  });
  test('by the file', () =>
    expect(configuredBy({ env: {}, hasDefaultFile: true })).toBe('config/gravitee.yml'));
});

describe('no integration is configured', () => {
  test.each([
    ['without anything', {}],
    ['by an empty variable', { gravitee_integration_providers_0_integrationId: '' }],
    ['by an empty GRAVITEE_CONF', { GRAVITEE_CONF: '' }],
    [
      'by another index: a list ends at its first missing one',
      { gravitee_integration_providers_1_integrationId: 'x' },
    ],
    ['by another key', { gravitee_integration_providers_0_type: 'aws-api-gateway' }],
    ['by a mixed case that the agent does not read', { gravitee_Integration_Providers_0_IntegrationID: 'x' }],
    ['without the prefix', { integration_providers_0_integrationId: 'x' }],
  ])('%s', (_title, env) => expect(asked(env)).toBeUndefined());

  test('by the options of the demo', () => expect(asked({}, ['--once'])).toBeUndefined());
});
