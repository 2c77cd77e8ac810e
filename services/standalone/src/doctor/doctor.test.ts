import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { connect, createServer as createTcpServer, type AddressInfo, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createServer as createTlsServer } from 'node:tls';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { WebSocket } from 'ws';
import { encodeCommand, encodeReply, limitsAt, parseFrame } from '@federation-agent/contracts';
import {
  DEFAULT_ACCOUNT,
  MINIMUM_POLICY,
  SANDBOX_AGENT,
  startApim,
  startAws,
} from '@federation-agent/sandbox';
import {
  connectTestBroker,
  startTestBroker,
  testTelemetry,
  type TestBroker,
} from '@federation-agent/service-kit/testing';
import { openDataFolder } from '../data-folder.ts';
import { json, table } from './report.ts';
import { exitCode, type CheckName, type CheckResult } from './result.ts';
import { runDoctor } from './run-doctor.ts';

const token = 'a-token-that-nobody-may-see';
const id = 'int-1';
const main = fileURLToPath(new URL('../main.ts', import.meta.url));
const fixtures = new URL('../../../../libs/service-kit/src/net/tls/fixtures/', import.meta.url);

let apim: Awaited<ReturnType<typeof startApim>>;
let aws: Awaited<ReturnType<typeof startAws>>;
let broker: TestBroker;
let folder: string;
const ending: (() => unknown)[] = [];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'doctor-test-'));
  [apim, aws, broker] = await Promise.all([
    startApim({ integrations: { [id]: 'aws-api-gateway', other: 'solace' }, tokens: [token] }),
    startAws({ throttle: { enabled: false } }),
    startTestBroker(),
  ]);
  aws.control.seed({ apis: 1, plans: 1, unplanned: 0 });
  const connection = await connectTestBroker(broker, 'aws-discovery', limitsAt(1));
  await connection.close();
});
afterEach(async () => {
  for (const end of ending.splice(0).reverse()) await end();
});
afterAll(async () => {
  await Promise.all([apim.stop(), aws.stop(), broker.stop()]);
  await rm(folder, { recursive: true });
});

type Environment = Record<string, string | undefined>;

function environment(changes: Environment = {}): Environment {
  const configuration = 'gravitee_integration_providers_0_configuration';
  return {
    PATH: process.env['PATH'],
    gravitee_integration_connector_ws_endpoints_0: apim.endpoint,
    gravitee_integration_connector_ws_headers_0_name: 'Authorization',
    gravitee_integration_connector_ws_headers_0_value: `bearer ${token}`,
    gravitee_integration_providers_0_type: 'aws-api-gateway',
    gravitee_integration_providers_0_integrationId: id,
    [`${configuration}_region`]: 'eu-west-1',
    [`${configuration}_accessKeyId`]: SANDBOX_AGENT.accessKeyId,
    [`${configuration}_secretAccessKey`]: SANDBOX_AGENT.secretAccessKey,
    [`${configuration}_endpointUrl`]: aws.url,
    gravitee_services_core_http_port: '0',
    gravitee_federation_sealingKey: randomBytes(32).toString('base64'),
    NATS_URL: broker.url,
    ...changes,
  };
}

const examine = (changes?: Environment): Promise<readonly CheckResult[]> =>
  runDoctor({ argv: [], env: environment(changes), cwd: folder });

const of = (results: readonly CheckResult[], check: CheckName): readonly CheckResult[] =>
  results.filter((result) => result.check === check);
const failedOf = (results: readonly CheckResult[]): readonly string[] =>
  results.filter(({ status }) => status === 'failed').map(({ check }) => check);

async function portOf(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  ending.push(() => new Promise((resolve) => server.close(resolve)));
  return (server.address() as AddressInfo).port;
}

/** APIM behind TLS. */
async function behindTls(pem: string): Promise<string> {
  const text = readFileSync(new URL(pem, fixtures));
  const server = createTlsServer({ key: text, cert: text }, (socket) => {
    const onward = connect(Number(new URL(apim.endpoint).port), '127.0.0.1');
    socket
      .on('error', () => onward.destroy())
      .pipe(onward)
      .on('error', () => socket.destroy())
      .pipe(socket);
  });
  server.on('tlsClientError', () => undefined);
  return `https://localhost:${await portOf(server)}`;
}

test('all good', async () => {
  const results = await examine();
  expect(failedOf(results)).toEqual([]);
  expect(exitCode(results)).toBe(0);
  const said = table(results, { colours: false, width: 200 });
  for (const words of [
    /configuration +ok/u,
    /secrets +ok +\d+ read, none shown/u,
    /dns +ok .*127\.0\.0\.1 is an address/u,
    /tcp +ok/u,
    /upgrade +ok/u,
    /hello +ok .*int-1 at .*APIM knows the integration/u,
    /broker +ok .*nats-server 2\.\d+/u,
    /jetstream +ok/u,
    /broker permissions +ok/u,
    /aws identity +ok .*arn:aws:iam::123456789012:user\/federation-agent/u,
    /aws permission +ok +GetRestApis/u,
    /ok +GetUsagePlans.*allowed/u,
    /ok +GetStages.*allowed/u,
    /ok +GetExport.*allowed/u,
    /note +CreateApiKey.*cannot be tried without writing/u,
    /note +DeleteApiKey.*apigateway:DELETE on arn:aws:apigateway:\*::\/apikeys\/\*/u,
    /clock +ok .*nats/u,
    /clock.*\n.*of AWS|before AWS|behind AWS/u,
    /api keys +ok .*not permitted to count, fine/u,
    /^All good/mu,
  ])
    expect(said).toMatch(words);
  expect(said).not.toContain('\u001b');
  expect(table(results, { colours: true, width: 80 })).toContain('\u001b[32mok');
  expect(JSON.parse(json(results))).toMatchObject({ exitCode: 0, checks: results });
  const calls = aws.control.log({}).map(({ method }) => method);
  expect(new Set(calls.filter((method) => method !== 'POST'))).toEqual(new Set(['GET'])); // The POST is STS's.
});

test('a running agent keeps its channel and its commands', async () => {
  const heard: string[] = [];
  const url = `${apim.endpoint.replace('http', 'ws')}/exchange/controller`;
  const live = new WebSocket(url, {
    headers: { Authorization: `bearer ${token}`, 'X-Gravitee-Exchange-Protocol': 'v1' },
  });
  ending.push(() => {
    live.terminate();
  });
  const primary = new Promise<void>((resolve) => {
    live.on('message', (data: Buffer) => {
      const frame = parseFrame(data);
      if (frame.kind !== 'command') return;
      const { type, id: commandId } = frame.command;
      heard.push(type);
      live.send(encodeReply({ commandId, type, commandStatus: 'SUCCEEDED', payload: { healthy: true } }));
      if (type === 'PRIMARY') resolve();
    });
  });
  live.once('open', () => {
    const payload = { targetId: id, provider: 'aws-api-gateway' };
    live.send(encodeCommand({ id: 'hello', type: 'HELLO', payload }));
  });
  await primary;
  const before = await channels();
  const results = await examine();
  expect(of(results, 'hello')).toMatchObject([{ status: 'ok' }]);
  expect(await channels()).toEqual(before);
  expect(heard).toEqual(['PRIMARY']);
});

async function channels(): Promise<unknown> {
  const response = await fetch(`${apim.controlUrl}/integrations/${id}/channels`);
  const answer = (await response.json()) as { channels: { id: string; active: boolean; primary: boolean }[] };
  return answer.channels.map(({ id: channel, active, primary }) => ({ channel, active, primary }));
}

test('a wrong token is a 401 at the upgrade', async () => {
  const results = await examine({ gravitee_integration_connector_ws_headers_0_value: 'bearer wrong-token' });
  expect(failedOf(results)).toEqual(['upgrade']);
  expect(of(results, 'upgrade')[0]).toMatchObject({
    detail: expect.stringContaining('401'),
    fix: expect.stringContaining('headers[n].value'),
  });
  expect(of(results, 'hello')[0]?.status).toBe('skipped');
  expect(exitCode(results)).toBe(1);
  expect(json(results)).not.toContain('wrong-token');
});

test.each([
  ['unknown', /not found/u, /copy the id/u],
  ['other', /of the provider solace/u, /create an integration/u],
])('the wrong integration %s', async (integrationId, detail, fix) => {
  const results = await examine({ gravitee_integration_providers_0_integrationId: integrationId });
  expect(failedOf(results)).toEqual(['hello']);
  expect(of(results, 'hello')[0]?.detail).toMatch(detail);
  expect(of(results, 'hello')[0]?.fix).toMatch(fix);
});

test('a certificate that signed itself is shown and refused, and accepted with trustAll', async () => {
  const endpoint = await behindTls('self-signed.pem');
  const strict = await examine({ gravitee_integration_connector_ws_endpoints_0: endpoint });
  expect(failedOf(strict)).toEqual(['tls']);
  const [tls] = of(strict, 'tls');
  expect(tls?.detail).toContain('signed by itself');
  expect(tls?.fix).toContain('integration.connector.ws.ssl.truststore');
  expect(tls?.lines?.[0]).toContain('issued by itself');
  expect(of(strict, 'upgrade')[0]?.status).toBe('skipped');
  const lax = await examine({
    gravitee_integration_connector_ws_endpoints_0: endpoint,
    gravitee_integration_connector_ws_ssl_trustAll: 'true',
  });
  expect(of(lax, 'tls')[0]).toMatchObject({ status: 'note', fix: expect.stringContaining('truststore') });
  expect(of(lax, 'hello')[0]?.status).toBe('ok');
});

test('a truststore with the authority makes it trusted', async () => {
  const results = await examine({
    gravitee_integration_connector_ws_endpoints_0: await behindTls('server.pem'),
    gravitee_integration_connector_ws_ssl_truststore_type: 'PEM',
    gravitee_integration_connector_ws_ssl_truststore_path: fileURLToPath(new URL('private-ca.pem', fixtures)),
  });
  expect(failedOf(results)).toEqual([]);
  expect(of(results, 'tls')[0]?.lines?.length).toBeGreaterThan(0);
});

test('a permission that is denied: the statement to add', async () => {
  ending.push(() => {
    aws.control.setPolicy({ arn: agentArn, policy: MINIMUM_POLICY });
  });
  aws.control.deny({ arn: agentArn, verb: 'GET', path: '/usageplans' });
  const results = await examine();
  expect(failedOf(results)).toEqual(['aws permission']);
  const [denied] = results.filter(({ status }) => status === 'failed');
  expect(denied?.subject).toMatch(/^GetUsagePlans/u);
  expect(denied?.fix).toContain(
    '{"Effect":"Allow","Action":"apigateway:GET","Resource":"arn:aws:apigateway:*::/usageplans"}',
  );
});
const agentArn = `arn:aws:iam::${DEFAULT_ACCOUNT}:user/${SANDBOX_AGENT.name}`;

test('a wrong secret: no identity, the rest of this target is skipped', async () => {
  const results = await examine({
    gravitee_integration_providers_0_configuration_secretAccessKey: 'wrong-secret-of-nobody',
  });
  expect(failedOf(results)).toEqual(['aws identity']);
  expect(of(results, 'aws permission').every(({ status }) => status === 'skipped')).toBe(true);
  expect(json(results)).not.toContain('wrong-secret-of-nobody');
});

test('a clock that is off', async () => {
  aws.control.setClockOffset({ ms: 90_000 });
  ending.push(() => {
    aws.control.setClockOffset({ ms: 0 });
  });
  const results = await examine();
  const said = of(results, 'clock').find(({ detail }) => detail.includes('AWS'));
  expect(said).toMatchObject({ status: 'note', fix: expect.stringContaining('NTP') });
  expect(said?.detail).toMatch(/this host is (89|90|91)\.\d s behind AWS/u);
});

test('the broker is down; APIM has a name that nobody knows', async () => {
  const closed = createTcpServer();
  const port = await portOf(closed);
  await new Promise((resolve) => closed.close(resolve));
  ending.length = 0;
  const results = await examine({
    NATS_URL: `nats://user:s3cret-word@127.0.0.1:${port}`,
    gravitee_integration_connector_ws_endpoints_0: 'http://no-such-host.invalid:8072',
  });
  expect(failedOf(results)).toEqual(['dns', 'broker']);
  expect(of(results, 'broker')[0]).toMatchObject({ fix: expect.stringContaining('federation.broker.url') });
  expect(of(results, 'dns')[0]?.fix).toContain('integration.connector.ws.endpoints[0]');
  for (const check of ['tcp', 'tls', 'upgrade', 'hello', 'jetstream', 'broker permissions'] as const)
    expect(of(results, check)[0]?.status).toBe('skipped');
  expect(json(results)).not.toContain('s3cret-word');
});

test('two endpoints, one port closed: each is told by itself', async () => {
  const closed = createTcpServer();
  const port = await portOf(closed);
  await new Promise((resolve) => closed.close(resolve));
  ending.length = 0;
  const results = await examine({
    gravitee_integration_connector_ws_endpoints_1: `http://127.0.0.1:${port}`,
  });
  expect(
    of(results, 'tcp')
      .map(({ status }) => status)
      .toSorted(),
  ).toEqual(['failed', 'ok']);
  expect(of(results, 'tcp').find(({ status }) => status === 'failed')?.fix).toContain('8072');
  expect(
    of(results, 'hello')
      .map(({ status }) => status)
      .toSorted(),
  ).toEqual(['ok', 'skipped']);
});

test('the embedded broker of a running agent is left alone', async () => {
  const dataDir = join(folder, 'data');
  const held = await openDataFolder({ path: dataDir, explicit: true, log: testTelemetry().log });
  // The lock of this very process is no other agent's: it is written as that of another living one.
  await writeFile(
    join(dataDir, 'agent.lock'),
    JSON.stringify({ host: (await import('node:os')).hostname(), pid: 1 }),
  );
  ending.push(() => held.release());
  const before = await readdir(dataDir);
  const results = await examine({ NATS_URL: undefined, gravitee_federation_dataDir: dataDir });
  expect(of(results, 'agent')[0]?.detail).toContain('one runs');
  expect(of(results, 'broker')).toMatchObject([
    { status: 'skipped', detail: expect.stringContaining('agent that runs') },
  ]);
  expect(await readdir(dataDir)).toEqual(before);
});

test('without a running agent an embedded broker is tried elsewhere', async () => {
  const dataDir = join(folder, 'new', 'data');
  const results = await examine({ NATS_URL: undefined, gravitee_federation_dataDir: dataDir });
  expect(failedOf(results)).toEqual([]);
  expect(of(results, 'jetstream')).toMatchObject([{ status: 'ok', subject: 'embedded' }]);
  expect(of(results, 'broker')[0]?.detail).toContain(`${dataDir} can be made`);
});

test('as a command: a wrong configuration is 2 with every mistake, JSON for machines', async () => {
  const env = environment({
    gravitee_integration_connector_ws_endpoints_0: undefined,
    gravitee_integration_providers_0_integrationId: undefined,
  });
  const { code, stdout, stderr } = await command(['--json'], env);
  expect({ code, stderr }).toEqual({ code: 2, stderr: '' });
  const said = JSON.parse(stdout) as { exitCode: number; checks: CheckResult[] };
  expect(said.exitCode).toBe(2);
  const failed = said.checks.filter(({ status }) => status === 'failed');
  expect(failed.map(({ subject }) => subject).join()).toMatch(
    /endpoints.*integrationId|integrationId.*endpoints/u,
  );
  expect(said.checks.filter(({ check }) => check === 'hello')).toMatchObject([{ status: 'skipped' }]);
});

test('as a command: an unknown option is 2, --help is 0', async () => {
  const [wrong, help] = await Promise.all([command(['--hello'], {}), command(['--help'], {})]);
  expect(wrong.code).toBe(2);
  expect(wrong.stderr).toContain('--hello');
  expect(help).toMatchObject({
    code: 0,
    stdout: expect.stringContaining('A running agent is not disturbed'),
  });
});

function command(
  args: readonly string[],
  env: Environment,
): Promise<{ code: number; stdout: string; stderr: string }> {
  return new Promise((resolve) => {
    execFile(process.execPath, [main, 'doctor', ...args], { env, cwd: folder }, (error, stdout, stderr) => {
      resolve({ code: typeof error?.code === 'number' ? error.code : 0, stdout, stderr });
    });
  });
}
