import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from '@jest/globals';
import { loadConfig } from '../load.ts';
import { withVariables } from './variables.ts';

const folder = mkdtempSync(join(tmpdir(), 'variables-'));
afterAll(() => rmSync(folder, { recursive: true }));

describe('${name} in a value', () => {
  const known: Record<string, string> = {
    host: 'apim',
    url: 'https://${host}',
    a: '${b}',
    b: '${a}',
    none: '',
  };
  const lookUp = (name: string): string | undefined => known[name];

  it.each([
    ['${url}:8083/x', 'https://apim:8083/x'],
    ['${port:8083}', '8083'],
    ['${host:other}', 'apim'],
    ['${port:}', ''],
    ['[${none}]', '[]'],
    ['${nowhere} and ${host}', '${nowhere} and apim'],
    ['${TOKEN:-shell}', '${TOKEN:-shell}'],
    ['$host $(host) {host} pa$$w0rd', '$host $(host) {host} pa$$w0rd'],
  ])('%s is %s', (value, is) => {
    expect(withVariables(value, lookUp)).toBe(is);
  });

  it('that leads back to itself has an end', () => {
    expect(withVariables('${a}', lookUp)).toMatch(/^\$\{[ab]\}$/u);
  });
});

it('is a variable, or a key of the files or of the environment, as in the official agent', async () => {
  const file = join(folder, 'gravitee.yml');
  writeFileSync(
    file,
    `
ds: { apim: { host: apim.example.com } }
cloud: { token: "" }
integration:
  connector: { ws: { autoReconnect: on, endpoints: ["https://\${ds.apim.host}:\${ds.apim.port:8083}/x"], headers: [{ name: Authorization, value: "bearer \${APIM_TOKEN}" }] } }
  providers:
    - { type: aws-api-gateway, integrationId: one, configuration: { region: "\${AWS_REGION:us-east-1}", stage: "\${integration.providers[0].integrationId}" } }
federation: { sealingKey: ${Buffer.alloc(32).toString('base64')} }
`,
  );
  const { config, secrets, values } = await loadConfig({
    argv: ['--config', file],
    env: { APIM_TOKEN: 's3cr3t', gravitee_ds_apim_host: 'other.example.com' },
    cwd: folder,
  });
  const { connector, providers } = config.integration;
  expect(connector.ws.endpoints).toEqual(['https://other.example.com:8083/x']);
  expect(connector.ws.autoReconnect).toBe(true);
  expect(connector.ws.headers[0]?.value).toBe('bearer s3cr3t');
  expect(providers[0]?.configuration).toMatchObject({ region: ['us-east-1'], stage: ['one'] });
  expect(secrets).toContain('bearer s3cr3t');
  expect(JSON.stringify(values)).not.toContain('s3cr3t');
});
