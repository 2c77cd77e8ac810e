/** What `npm run broker:users` prints and writes, on a real nats-server. */
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { encodeAccount, encodeOperator } from '@nats-io/jwt';
import { createAccount, createOperator } from '@nats-io/nkeys';
import { limitsAt, serviceNames, type BrokerConfig, type ServiceName } from '@federation-agent/contracts';
import { testTelemetry } from '@federation-agent/base/test';
import { connectBroker, ensureTopology } from '@federation-agent/broker';
import { requestOutcome, startTestBroker, type TestBroker, testConfig } from '@federation-agent/broker/test';

import { controlLine } from './secrets.ts';

const main = fileURLToPath(new URL('main.ts', import.meta.url));
const telemetry = testTelemetry();
let folder: string;
let server: TestBroker | undefined;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'federation-users-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));
afterEach(async () => {
  await server?.stop();
  server = undefined;
});

async function users(...args: readonly string[]): Promise<string> {
  const { stdout } = await promisify(execFile)(process.execPath, [main, ...args]);
  return stdout;
}

async function refusal(...args: readonly string[]): Promise<readonly [number | null, string]> {
  const child = spawn(process.execPath, [main, ...args], { stdio: ['ignore', 'ignore', 'pipe'] });
  const [stderr] = await Promise.all([text(child.stderr), once(child, 'exit')]);
  return [child.exitCode, stderr.trim()];
}

/** Every service makes its streams as this user; nobody publishes what is another's. */
async function serves(access: (service: ServiceName) => Partial<BrokerConfig>): Promise<void> {
  for (const service of serviceNames) {
    const config = testConfig(server?.url ?? '', access(service));
    const options = { config, service, name: service, limits: limitsAt(20), telemetry };
    const broker = await connectBroker(options);
    await ensureTopology(broker, service, { replicas: 1 });
    const foreign =
      service === 'aws-discovery' ? broker.subjects.command('DISCOVER', 'i') : broker.subjects.ingest('i');
    expect([service, await requestOutcome(broker, foreign, '{}')]).toEqual([service, 'denied']);
    await broker.close();
  }
}

const account = createAccount();
const seedFile = (): string => {
  const file = join(folder, 'account.nk');
  writeFileSync(file, account.getSeed(), { mode: 0o600 });
  return file;
};

describe('npm run broker:users', () => {
  it('plain: each service as its user, passwords from variables', async () => {
    const passwords = serviceNames.map(
      (name) => `${name.replaceAll('-', '_').toUpperCase()}_PASSWORD: of-${name}`,
    );
    server = await startTestBroker({ config: `${passwords.join('\n')}\n${await users()}` });
    await serves((service) => ({ user: service, password: `of-${service}` }));
  });

  it('plain, in an account and with a namespace of its own', async () => {
    const config = await users('--account', 'TEAM', '--namespace', 'two');
    const passwords = serviceNames.map(
      (name) => `TWO_${name.replaceAll('-', '_').toUpperCase()}_PASSWORD: x`,
    );
    server = await startTestBroker({ config: `${passwords.join('\n')}\n${config}` });
    await serves((service) => ({ user: `two-${service}`, password: 'x', namespace: 'two' }));
  });

  it('nkeys: seeds that only the owner reads, kept when it is run again', async () => {
    const out = join(folder, 'seeds');
    const config = await users('--form', 'nkeys', '--out', out);
    expect(statSync(join(out, 'gateway-link.nk')).mode & 0o777).toBe(0o600);
    expect(await users('--form', 'nkeys', '--out', out)).toBe(config);
    server = await startTestBroker({ config });
    await serves((service) => ({ nkey: readFileSync(join(out, `${service}.nk`), 'utf8') }));
    expect(await users('--form', 'nkeys', '--out', out, '--rotate')).not.toBe(config);
  });

  it('creds: signed by the account, taken by a server that knows it alone', async () => {
    const out = join(folder, 'creds');
    expect(await users('--form', 'creds', '--out', out, '--account-seed', seedFile())).toBe('');
    const operator = createOperator();
    const unlimited = [
      'subs',
      'data',
      'payload',
      'conn',
      'imports',
      'exports',
      'mem_storage',
      'disk_storage',
      'streams',
      'consumer',
    ];
    const limits = Object.fromEntries(unlimited.map((name) => [name, -1]));
    const system = createAccount();
    const jwts = {
      [account.getPublicKey()]: await encodeAccount('TEAM', account, { limits }, { signer: operator }),
      [system.getPublicKey()]: await encodeAccount('SYS', system, {}, { signer: operator }),
    };
    const config = [
      `operator: ${await encodeOperator('the company', operator)}`,
      // The permissions travel in the CONNECT of the client, which is longer than the default takes.
      `max_control_line: ${controlLine}`,
      'resolver: MEMORY',
      `system_account: ${system.getPublicKey()}`,
      `resolver_preload: { ${Object.entries(jwts)
        .map(([key, jwt]) => `${key}: ${jwt}`)
        .join(', ')} }`,
    ];
    server = await startTestBroker({ config: config.join('\n') });
    await serves((service) => ({ creds: join(out, `${service}.creds`) }));
  });

  it('the users of the compose stack are what it prints', async () => {
    const file = fileURLToPath(new URL('../../deploy/nats/users.conf', import.meta.url));
    expect(readFileSync(file, 'utf8')).toBe(await users());
  });

  it.each([
    [['--form', 'basic'], '--form: one of plain, nkeys, creds, not basic'],
    [['--namespace', 'a b'], '--namespace: must be 1 to 32 letters, digits, - and _'],
    [['--form', 'nkeys'], '--form nkeys needs --out FOLDER'],
    [['--form', 'creds', '--out', 'x', '--account-seed', '/none'], '--account-seed /none: ENOENT'],
    [['--colour'], "Unknown option '--colour'"],
  ])('%j: says what is wrong', async (args, message) => {
    expect(await refusal(...args)).toEqual([2, expect.stringContaining(message)]);
  });
});
