import { execFile } from 'node:child_process';
import { expect, test } from '@jest/globals';
import { version } from '@federation-agent/base';
import { mainOf, type Program } from '../support/agent-process.ts';

const names: Readonly<Record<Program, string>> = {
  standalone: 'federation-agent',
  'gateway-link': 'gateway-link',
  'aws-discovery': 'aws-discovery',
  'subscription-manager': 'subscription-manager',
  console: 'console',
};

/** Without any variable that configures something: who asks for help has configured nothing yet. */
const env = { NODE_COMPILE_CACHE: process.env['NODE_COMPILE_CACHE'] };
const ask = (program: Program, argument: string): Promise<{ code: number; out: string; err: string }> =>
  new Promise((resolve) => {
    const child = execFile(process.execPath, [mainOf(program), argument], { env }, (_error, out, err) =>
      resolve({ code: child.exitCode ?? -1, out, err }),
    );
  });

test.each(Object.entries(names) as [Program, string][])(
  '%s --help: what it is, its options, variables and exit codes, every key, on 80 columns',
  async (folder, name) => {
    const { code, out, err } = await ask(folder, '--help');
    expect([code, err]).toEqual([0, '']);
    expect(out.split('\n').filter((line) => line.length > 80)).toEqual([]);
    expect(out).toMatch(new RegExp(`^${name}: [A-Z].+`, 'u'));
    for (const part of [
      `${name} healthcheck`,
      `Usage: ${name} [options]`,
      '--config',
      '--print-config',
      '--version',
      'GRAVITEE_CONF',
      'GRAVITEE_LOG_LEVEL',
      'NATS_URL',
      'gravitee_integration_providers_0_type',
      'Exit codes:\n  0 ',
      'integration.providers[n].integrationId',
      'services.core.http.authentication.users.<name>',
    ]) {
      expect(out).toContain(part);
    }
  },
);

test('--version, and an option that there is not', async () => {
  const [asked, wrong] = await Promise.all([ask('gateway-link', '--version'), ask('standalone', '--verson')]);
  expect(asked).toEqual({ code: 0, out: `${version}\n`, err: '' });
  expect([wrong.code, wrong.out]).toEqual([2, '']);
  expect(wrong.err).toContain("Unknown option '--verson'");
  expect(wrong.err).not.toContain('    at ');
});
