/** The whole story without reading a log: the agent in one process, its console, and ctl as a process of its own. */
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { findNatsServer } from '@federation-agent/broker/test';
import { conformingFetch } from '@federation-agent/console/test';
import {
  awsFaults,
  eventually,
  mainOf,
  startAgentProcess,
  startApimPeer,
  startAwsPeer,
} from '../support/index.ts';
import type { AgentProcess, ApimPeer, AwsPeer } from '../support/index.ts';
import { ingest, untilActive } from '../interop/scenarios/steps.ts';

const integration = 'b1d2c3e4-6f0e-4c3b-8a57-0f5d5c2f9a77';
/** A key of unknown id may be resolved after 15 minutes, which makes 15 seconds. */
const timeScale = 60;
const passwords = { ada: 'operators-password', vic: 'viewers-password' } as const;
const clientSecret = 'client-secret-of-the-provider';
const csrf = { 'x-federation-console': '1' } as const;

describe('the console of the agent', () => {
  let apim: ApimPeer;
  let aws: AwsPeer;
  let agent: AgentProcess;
  let url = '';
  /** `fetch` that throws when an answer is not as the document of the API says. */
  let ask: typeof fetch;
  const folder = mkdtempSync(join(tmpdir(), 'console-'));

  beforeAll(async () => {
    aws = await startAwsPeer('sandbox');
    apim = await startApimPeer('sandbox', { integrations: [integration], timeScale });
    await aws.addPlan('gold', [
      await aws.addApi({ name: 'orders', description: '<script>alert(1)</script>' }),
      await aws.addApi({ name: 'internal-tool', description: '' }),
    ]);
    await aws.addApi({ name: 'planless', description: '' });
    const provider = 'gravitee_integration_providers_0';
    agent = startAgentProcess({
      program: 'standalone',
      cwd: folder,
      env: {
        gravitee_integration_connector_ws_endpoints_0: apim.endpoint,
        gravitee_integration_connector_ws_headers_0_name: 'Authorization',
        gravitee_integration_connector_ws_headers_0_value: `bearer ${apim.token}`,
        [`${provider}_type`]: 'aws-api-gateway',
        [`${provider}_integrationId`]: integration,
        [`${provider}_configuration_accessKeyId`]: aws.credentials.accessKeyId,
        [`${provider}_configuration_secretAccessKey`]: aws.credentials.secretAccessKey,
        [`${provider}_configuration_region`]: aws.region,
        [`${provider}_configuration_exclude_names`]: 'internal-*',
        [`${provider}_configuration_endpointUrl`]: aws.url,
        gravitee_services_core_http_port: '0',
        gravitee_services_core_http_authentication_users_ada: passwords.ada,
        gravitee_services_core_http_authentication_users_vic: passwords.vic,
        gravitee_federation_console_enabled: 'true',
        gravitee_federation_console_port: '0',
        gravitee_federation_console_operators: 'ada',
        gravitee_federation_console_publicUrl: 'https://console.example',
        gravitee_federation_console_oidc_issuer: 'https://localhost:1',
        gravitee_federation_console_oidc_clientId: 'console',
        gravitee_federation_console_oidc_clientSecret: clientSecret,
        FEDERATION_TEST_TIME_SCALE: String(timeScale),
        NATS_SERVER_BIN: findNatsServer(),
      },
    });
    await agent.ready();
    await untilActive(apim, integration);
    url = await eventually('the console to say where it is', () => {
      const line = agent.log().find(({ msg }) => msg === 'the console listens');
      return line && String(line['url']);
    });
    ask = await conformingFetch(url);
  }, 60_000);

  afterAll(async () => {
    await agent.end('SIGKILL');
    await apim.stop();
    await aws.stop();
    rmSync(folder, { recursive: true });
  });

  const ctl = (
    user: keyof typeof passwords,
    ...args: readonly string[]
  ): Promise<{ code: number; out: string; err: string }> =>
    new Promise((resolve) => {
      const env = {
        FEDERATION_CTL_URL: url,
        FEDERATION_CTL_USER: user,
        FEDERATION_CTL_PASSWORD: passwords[user],
        NODE_COMPILE_CACHE: process.env['NODE_COMPILE_CACHE'],
      };
      const child = execFile(
        process.execPath,
        [mainOf('standalone'), 'ctl', ...args],
        { env },
        (_error, out, err) => resolve({ code: child.exitCode ?? -1, out, err }),
      );
    });
  const basic = (user: keyof typeof passwords) => ({
    authorization: `Basic ${btoa(`${user}:${passwords[user]}`)}`,
  });

  test('why: an API that APIM has, one that the configuration leaves out, one without a plan, one that is nowhere', async () => {
    await ingest(apim, integration);
    const ask = (user: 'ada' | 'vic', ...words: readonly string[]) => ctl(user, 'why', ...words);
    const answers = await Promise.all([
      ask('vic', 'orders'),
      ask('ada', 'internal-tool', '--aws'),
      ask('vic', 'planless'),
      ask('ada', 'planless', '--aws'),
      ask('ada', 'no-such-api', '--aws'),
      ask('vic', 'planless', '--aws'),
    ]);
    expect(answers.map(({ code }) => code)).toEqual([0, 1, 1, 1, 1, 4]);
    expect(answers.map(({ out }) => out)).toEqual([
      expect.stringContaining('the last ingest sent it to APIM'),
      expect.stringContaining('stage, include, exclude or filter of its integration'),
      expect.stringContaining('An operator can look in AWS'),
      expect.stringContaining('no usage plan has any of its stages'),
      expect.stringContaining('neither the catalog nor AWS has an API'),
      '',
    ]);
  }, 30_000);

  test('explain: what each key makes of an API, and what another filter would', async () => {
    const { out: listed } = await ctl('vic', 'catalog', '--search', 'orders', '--json');
    const { rows } = JSON.parse(listed) as { rows: { uniqueId: string }[] };
    const id = rows[0]?.uniqueId ?? '';
    const answers = await Promise.all([
      ctl('vic', 'explain', id),
      ctl('vic', 'explain', id, '--filter', 'name == "other" || tag.none'),
      ctl('vic', 'explain', id, '--filter', 'stage == prod'),
      ctl('vic', 'explain', 'no-such-api'),
    ]);
    expect(answers.map(({ code }) => code)).toEqual([0, 1, 1, 1]);
    expect(answers[1].out).toMatch(
      /left out by filter[^]*false {2}name == "other" {3}\(it is "orders"\)[^]*0 stages would pass/u,
    );
    expect(answers[2].err).toContain('at column 10, at prod: expected a value in quotes');
    expect(answers[3].err).toContain('the catalog has no no-such-api');
  }, 30_000);

  test('status and the chain: every part is up, and what is listed is counted', async () => {
    const { code, out } = await ctl('vic', 'status', '--json');
    const overview = JSON.parse(out) as {
      chain: { id: string; state: string }[];
      counts: Record<string, number>;
    };
    expect(overview.chain.map(({ id, state }) => `${id} ${state}`)).toEqual([
      'apim up',
      'link up',
      expect.stringMatching(/^broker/u),
      'discovery up',
      'subscription up',
      'aws up',
    ]);
    expect(overview.counts).toMatchObject({ listed: 1, hidden: 0, targets: 1 });
    expect(code).toBe(0);
  }, 20_000);

  test('a stuck subscription is found, understood and resolved; a viewer cannot, and no value is shown', async () => {
    const made = aws.faults.fault({
      method: 'POST',
      path: /^\/apikeys$/u,
      times: 1,
      action: { kind: 'reset', when: 'after' },
    });
    const denied = aws.faults.fault({
      method: 'POST',
      path: /^\/apikeys\?.*mode=import/u,
      action: awsFaults.accessDenied,
    });
    const { apis } = await apim.apis(integration);
    const { id } = await apim.subscribe(integration, {
      apiId: apis[0]?.id ?? '',
      planId: apis[0]?.plans[0]?.id ?? '',
    });
    await made.reached;
    await denied.reached;
    denied.release();
    await eventually('the subscription to be stuck', async () => {
      const { out } = await ctl('vic', 'subscriptions', 'list', '--needs-person');
      return out.includes(id) && out.includes('unresolved') ? out : undefined;
    });
    const shown = await ctl('vic', 'subscriptions', 'show', id);
    expect(shown.out).toMatch(/delete the key with the name "gravitee-/u);
    expect(shown.out).toMatch(/subscription intent +apim /u);
    expect(shown.out).toMatch(/- resolve/u);

    const refused = await ctl('vic', 'subscriptions', 'resolve', id, '--yes');
    expect([refused.code, refused.err]).toEqual([4, expect.stringContaining('you may only look')]);

    const [key] = (await aws.keys()).filter(({ name }) => name.startsWith(`gravitee-${id}`));
    await aws.deleteKey(key?.id ?? '');
    await eventually('the key to be resolved', async () => {
      const { code, err } = await ctl('ada', 'subscriptions', 'resolve', id.slice(0, 13), '--yes');
      if (code === 0) return true;
      expect(err).toMatch(/may still execute until/u);
      return undefined;
    });
    const { out: events } = await ctl('vic', 'events', '--subscription', id, '--json');
    expect(JSON.parse(events)).toMatchObject({
      events: expect.arrayContaining([
        expect.objectContaining({ kind: 'operator', what: 'resolved', by: 'ada', outcome: 'ok' }),
        expect.objectContaining({
          kind: 'subscription',
          what: 'unresolved',
          actor: 'apim',
          outcome: 'failed',
        }),
      ]),
    });
    const { out: exported } = await ctl('vic', 'export');
    expect(exported).toContain(id);
    for (const value of [key?.value ?? '-', '"text"', '"iv"']) {
      for (const text of [shown.out, events, exported]) expect(text).not.toContain(value);
    }
  }, 90_000);

  test('keys in AWS that no subscription has are found, and those that the agent provably made are deleted', async () => {
    const reconcile = (...args: readonly string[]) => ctl('ada', 'subscriptions', 'reconcile', ...args);
    if (!aws.sandbox) throw new Error('this test needs the sandbox');
    const { control } = aws.sandbox;
    const { apis } = await apim.apis(integration);
    const subscribe = () =>
      apim.subscribe(integration, { apiId: apis[0]?.id ?? '', planId: apis[0]?.plans[0]?.id ?? '' });
    const keyOf = async (id: string) =>
      (await aws.keys()).find(({ name }) => name.startsWith(`gravitee-${id}`));

    const lost = await subscribe();
    const lostKey = await eventually('a key', () => keyOf(lost.id));
    await eventually('the key to be held', async () =>
      (await ctl('vic', 'subscriptions', 'list', '--state', 'held')).out.includes(lost.id) ? true : undefined,
    );
    const made = aws.faults.fault({
      method: 'POST',
      path: /^\/apikeys$/u,
      times: 1,
      action: { kind: 'reset', when: 'after' },
    });
    const importDenied = aws.faults.fault({
      method: 'POST',
      path: /^\/apikeys\?.*mode=import/u,
      action: awsFaults.accessDenied,
    });
    const stuck = await subscribe();
    await made.reached;
    await importDenied.reached;
    importDenied.release();
    const orphan = await eventually('a key that nobody has', () => keyOf(stuck.id));
    const foreign = control.addKey({ name: 'gravitee-of-another-agent-1 app' });
    await aws.deleteKey(lostKey.id);

    const denied = await reconcile();
    expect([denied.code, denied.out]).toEqual([
      0,
      expect.stringMatching(/denied .*allow apigateway:GET on arn/u),
    ]);
    const everything = { Effect: 'Allow', Action: 'apigateway:*', Resource: '*' } as const;
    const agentArn = `arn:aws:iam::${aws.account}:user/federation-agent`;
    control.setPolicy({ arn: agentArn, policy: { Statement: [everything] } });

    const viewer = await ctl('vic', 'subscriptions', 'reconcile');
    expect([viewer.code, viewer.err]).toEqual([4, expect.stringContaining('you may only look')]);
    const found = await eventually('the orphan to be old enough', async () => {
      const { out } = await reconcile();
      return /deletes|AWS never told/u.test(out) ? out : undefined;
    });
    expect(found).toMatch(new RegExp(`lost +${lostKey.id} +${lost.id}`, 'u'));
    expect(found).toMatch(new RegExp(`orphan +${foreign.id} .* no +there is no record`, 'u'));
    expect(found).toMatch(new RegExp(`orphan +${orphan.id} .* yes +AWS never told`, 'u'));

    expect(await reconcile('--apply')).toMatchObject({ code: 2, err: expect.stringContaining('--yes') });
    const applied = await reconcile('--apply', '--yes');
    expect([applied.code, applied.err]).toEqual([1, expect.stringContaining('its subscription is resolved')]);
    const left = (await aws.keys()).map(({ id }) => id);
    expect([left.includes(orphan.id), left.includes(foreign.id)]).toEqual([false, true]);
    const { out: events } = await ctl('vic', 'events', '--kind', 'operator', '--json');
    expect(JSON.parse(events)).toMatchObject({
      events: expect.arrayContaining([
        expect.objectContaining({ what: 'delete-key', apiKeyId: orphan.id, by: 'ada', outcome: 'ok' }),
      ]),
    });
    for (const text of [found, applied.out, events]) {
      for (const { value } of control.keys()) expect(text).not.toContain(value);
    }
  }, 90_000);

  test('a viewer cannot act at the API; nobody can without a login, from another site, or without the header', async () => {
    const post = (path: string, headers: Record<string, string>): Promise<Response> =>
      ask(new URL(path, url), { method: 'POST', headers });
    const paths = [
      '/api/scans',
      '/api/doctor',
      '/api/reconcile',
      '/api/reconcile/delete',
      '/api/dead/1/replay',
      '/api/dead/1/discard',
    ];
    for (const path of [...paths, `/api/subscriptions/${integration}/x/actions`]) {
      expect([path, (await post(path, { ...csrf, ...basic('vic') })).status]).toEqual([path, 403]);
      expect([path, (await post(path, { ...csrf })).status]).toEqual([path, 401]);
      expect([path, (await post(path, basic('ada'))).status]).toEqual([path, 403]);
      const foreign = { ...csrf, ...basic('ada'), origin: 'https://evil.example' };
      expect([path, (await post(path, foreign)).status]).toEqual([path, 403]);
    }
    expect((await post('/api/scans', { ...csrf, ...basic('ada') })).status).toBe(200);
  }, 20_000);

  test('two pages hear of an operator’s action within a second', async () => {
    const heard = await Promise.all([listen('ada'), listen('vic')]);
    const since = performance.now();
    await ask(new URL('/api/scans', url), { method: 'POST', headers: { ...csrf, ...basic('ada') } });
    await Promise.all(heard.map((one) => one.until('event: audit')));
    expect(performance.now() - since).toBeLessThan(1_000);
    for (const one of heard) one.stop();

    async function listen(user: keyof typeof passwords) {
      const over = new AbortController();
      const { body } = await fetch(new URL('/api/live', url), { headers: basic(user), signal: over.signal });
      const reader = (body as ReadableStream<Uint8Array>).getReader();
      const decoder = new TextDecoder();
      const read = async () => decoder.decode((await reader.read()).value, { stream: true });
      await read();
      return {
        until: async (text: string): Promise<void> => {
          for (let all = ''; !all.includes(text);) all += await read();
        },
        stop: () => over.abort(),
      };
    }
  }, 20_000);

  test('a provider that is not there is told, without the secret; passwords still work', async () => {
    const headers = { ...csrf, 'content-type': 'application/json' };
    const answer = await ask(new URL('/api/login/oidc', url), { method: 'POST', headers, body: '{}' });
    const text = await answer.text();
    expect([answer.status, text]).toEqual([
      503,
      expect.stringContaining('https://localhost:1 cannot be reached'),
    ]);
    for (const told of [text, JSON.stringify(agent.log())]) expect(told).not.toContain(clientSecret);
    const body = JSON.stringify({ user: 'ada', password: passwords.ada });
    expect((await ask(new URL('/api/login', url), { method: 'POST', headers, body })).status).toBe(200);
  }, 20_000);

  test('configuration: secrets are masked, and nothing of a page may run elsewhere', async () => {
    const answer = await ask(new URL('/api/configuration', url), { headers: basic('vic') });
    const text = await answer.text();
    expect(text).toContain('services.core.http.authentication.users.ada');
    expect(text).toContain('federation.console.oidc.clientSecret');
    for (const secret of [passwords.ada, clientSecret, aws.credentials.secretAccessKey, apim.token]) {
      expect(text).not.toContain(secret);
    }
    expect(answer.headers.get('content-security-policy')).toContain("frame-ancestors 'none'");
  }, 20_000);

  test('every answer is as the document of the API says, with what the agent really has', async () => {
    const get = async (path: string, status = 200): Promise<unknown> => {
      const answer = await ask(new URL(path, url), { headers: basic('vic') });
      expect([path, answer.status]).toEqual([path, status]);
      return await answer
        .clone()
        .json()
        .catch(() => answer.text());
    };
    const { paths } = (await get('/api/openapi.json')) as { paths: Record<string, { get?: unknown }> };
    const reads = Object.keys(paths).filter((path) => paths[path]?.get && path !== '/api/live');
    for (const path of reads.filter((one) => !one.includes('{'))) await get(path);
    const { rows: stages } = (await get('/api/estate')) as { rows: { uniqueId: string }[] };
    const stage = stages[0]?.uniqueId ?? '';
    const { rows } = (await get('/api/subscriptions')) as { rows: { graviteeSubscriptionId: string }[] };
    const subscription = rows[0]?.graviteeSubscriptionId ?? '';
    const one: Record<string, string> = {
      '/api/estate/{uniqueId}': `/api/estate/${stage}`,
      '/api/estate/{uniqueId}/document': `/api/estate/${stage}/document`,
      '/api/estate/{uniqueId}/explanation': `/api/estate/${stage}/explanation`,
      '/api/why/{query}': '/api/why/planless',
      '/api/subscriptions/{integrationId}/{subscriptionId}': `/api/subscriptions/${integration}/${subscription}`,
    };
    for (const path of Object.values(one)) await get(path);
    await get('/api/why/orders');
    await get('/api/dead/1', 404);
    expect(reads.filter((path) => path.includes('{') && !(path in one))).toEqual(['/api/dead/{sequence}']);
  }, 30_000);
});
