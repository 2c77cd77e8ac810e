import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { paginateGetRestApis } from '@aws-sdk/client-api-gateway';
import { agentOf, refusalOf } from '../../test/sdk-clients.ts';
import type { APIGateway } from '@aws-sdk/client-api-gateway';
import { startAws } from './server.ts';
import type { z } from 'zod';
import type { Fault, FaultMatch } from './faults.ts';
import type { SandboxAws } from './server.ts';

let aws: SandboxAws;
let agent: APIGateway;

beforeEach(async () => {
  aws = await startAws({ throttle: { enabled: false } });
  agent = agentOf(aws.url);
});
afterEach(() => aws.stop());

const fault = (match: FaultMatch, given: z.input<typeof Fault>, times = 1) =>
  aws.control.addFault({ match, times, fault: given }).id;
const create = { operation: 'CreateApiKey' };
const keys = () => aws.control.keys().length;

test('reset before: the connection breaks and nothing was executed', async () => {
  fault(create, { kind: 'reset-before' });
  expect((await refusalOf(agent.createApiKey({}))).message).toContain('ECONNRESET');
  expect(keys()).toBe(0);
  expect(aws.control.log()).toMatchObject([{ executed: false, ending: 'reset' }]);
});

test('reset after: the answer is lost, the key is there', async () => {
  fault(create, { kind: 'reset-after' });
  expect((await refusalOf(agent.createApiKey({}))).message).toContain('ECONNRESET');
  expect(keys()).toBe(1);
  expect(aws.control.log()).toMatchObject([{ executed: true, status: 201, ending: 'reset' }]);
});

test('the SDK sends a POST again whose answer was lost, and makes a second key', async () => {
  fault(create, { kind: 'reset-after' });
  await agentOf(aws.url, { maxAttempts: 3 }).createApiKey({});
  expect(keys()).toBe(2);
  const [first, second] = aws.control.log();
  expect(second?.invocationId).toBe(first?.invocationId);
  expect([first?.attempt, second?.attempt]).toEqual(['attempt=1; max=3', 'attempt=2; max=3']);
});

test.each([
  ['hang-before', 0],
  ['hang-after', 1],
] as const)('%s: no answer comes, %i keys are there', async (kind, there) => {
  fault(create, { kind });
  const abort = new AbortController();
  const call = refusalOf(agent.createApiKey({}, { abortSignal: abort.signal }));
  const patience = AbortSignal.timeout(10_000);
  while (!patience.aborted && aws.control.log()[0]?.ending === undefined) await new Promise(setImmediate);
  abort.abort();
  expect((await call).name).toBe('AbortError');
  expect(keys()).toBe(there);
});

test('delay: the answer comes late and is right', async () => {
  fault(create, { kind: 'delay', ms: 50 });
  const before = performance.now();
  await agent.createApiKey({});
  expect(performance.now() - before).toBeGreaterThanOrEqual(49);
});

test.each([
  [{ kind: 'status', status: 502 } as const, { name: 'SyntaxError', status: 502 }],
  [{ kind: 'status', status: 500 } as const, { name: 'SyntaxError', status: 500 }],
  [
    { kind: 'status', status: 503, retryAfter: 7 } as const,
    { name: 'ServiceUnavailableException', status: 503, retryAfter: '7' },
  ],
  [
    { kind: 'status', status: 429 } as const,
    { name: 'TooManyRequestsException', status: 429, retryAfter: undefined },
  ],
  [
    { kind: 'status', status: 429, retryAfter: 60 } as const,
    { name: 'TooManyRequestsException', retryAfter: '60' },
  ],
  [
    { kind: 'status', status: 403, message: 'not you' } as const,
    { name: 'AccessDeniedException', status: 403, message: 'not you' },
  ],
  [
    { kind: 'status', status: 418, body: '{"message":"tea"}', contentType: 'application/json' } as const,
    { status: 418, message: 'tea' },
  ],
  [{ kind: 'expired-token' } as const, { name: 'ExpiredTokenException', status: 403 }],
  [{ kind: 'garbage' } as const, { name: 'SyntaxError', status: 200 }],
  [{ kind: 'garbage', shape: 'xml' } as const, { name: 'SyntaxError', status: 200 }],
])('%j: the SDK sees it, and nothing was executed', async (given, seen) => {
  fault(create, given);
  expect(await refusalOf(agent.createApiKey({}))).toMatchObject(seen);
  expect(keys()).toBe(0);
});

test('a status can stand for an answer that was lost after the work was done', async () => {
  fault(create, { kind: 'status', status: 502, executed: true });
  expect((await refusalOf(agent.createApiKey({}))).status).toBe(502);
  expect(keys()).toBe(1);
});

test('garbage in the shape of JSON reads as something that was never promised', async () => {
  fault({ operation: 'GetRestApis' }, { kind: 'garbage', shape: 'json' });
  const answer = await agent.getRestApis({}).catch(() => undefined);
  expect(Array.isArray(answer?.items)).toBe(false);
});

test('truncate: the head promises the whole body, half of it comes', async () => {
  const { apis } = aws.control.seed({ apis: 1, documentBytes: 200_000 });
  fault({ operation: 'GetExport' }, { kind: 'truncate' });
  const read = () => agent.getExport({ restApiId: apis[0]?.id, stageName: 'prod', exportType: 'oas30' });
  expect((await refusalOf(read())).message).toContain('aborted');
  expect((await read()).body?.length).toBeGreaterThan(200_000);
});

test('a page comes twice, under tokens that differ, and the list still ends', async () => {
  const { apis } = aws.control.seed({ apis: 60 });
  aws.control.addFault({
    match: { operation: 'GetRestApis' },
    after: 1,
    times: 1,
    fault: { kind: 'duplicate-page' },
  });
  const seen: (string | undefined)[] = [];
  const pages = paginateGetRestApis({ client: agent, stopOnSameToken: true }, {});
  for await (const { items = [] } of pages) seen.push(...items.map(({ id }) => id));
  expect(seen).toHaveLength(85);
  expect(new Set(seen)).toEqual(new Set(apis.map(({ id }) => id)));
});

test('a stale page is the answer from before', async () => {
  aws.control.seed({ apis: 2 });
  const count = async () => (await agent.getRestApis({})).items?.length;
  expect(await count()).toBe(2);
  aws.control.seed({ apis: 2, seed: 2 });
  fault({ operation: 'GetRestApis' }, { kind: 'stale-page' });
  expect(await count()).toBe(2);
  expect(await count()).toBe(4);
});

test('a rule matches by operation, account, region, method and path, waits, strikes and reports', async () => {
  const id = aws.control.addFault({
    match: {
      operation: ['GetUsagePlans', 'GetStages'],
      account: '123456789012',
      region: 'eu-west-1',
      method: 'GET',
      path: '/restapis/*',
    },
    after: 1,
    times: 2,
    fault: { kind: 'status', status: 404 },
  }).id;
  const { apis } = aws.control.seed({ apis: 1 });
  const outcomes: number[] = [];
  for (let call = 0; call < 5; call += 1) {
    await agent.getUsagePlans({});
    const answered = agent
      .getStages({ restApiId: apis[0]?.id })
      .then(({ $metadata }) => $metadata.httpStatusCode ?? 0);
    outcomes.push(await answered.catch(() => 404));
  }
  expect(outcomes).toEqual([200, 404, 404, 200, 200]);
  expect(aws.control.faults()).toMatchObject([{ id, seen: 5, fired: 2 }]);
  expect(aws.control.removeFault({ id })).toEqual({ removed: true });
  expect(aws.control.removeFault({ id })).toEqual({ removed: false });
});

test('a rule without an end strikes until it is removed', async () => {
  aws.control.addFault({ id: 'storm', fault: { kind: 'status', status: 429 } });
  for (let call = 0; call < 3; call += 1) expect((await refusalOf(agent.getRestApis({}))).status).toBe(429);
  aws.control.clearFaults();
  await agent.getRestApis({});
});
