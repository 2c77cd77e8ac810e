import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { limitsAt } from '@federation-agent/contracts';
import { version } from '@federation-agent/base';
import { startTestBroker } from '@federation-agent/broker/test';
import { useFixture } from '../test/run-fixture.ts';

const run = useFixture();

describe('a service', () => {
  test('--help and --version need no configuration', async () => {
    const help = await run({ NATS_URL: '' }, ['--help']).ended;
    expect(help).toMatchObject({ code: 0, err: '' });
    expect(help.out).toContain('integration.providers[n].integrationId');
    expect(await run({}, ['--version']).ended).toMatchObject({ code: 0, out: `${version}\n` });
  });

  test('wrong configuration: every mistake on stderr, exit 2', async () => {
    const env = { gravitee_services_core_http_port: 'x', gravitee_integration_providers_0_integrationId: '' };
    const { code, out, err } = await run(env).ended;
    expect(code).toBe(2);
    expect(out).toBe('');
    expect(err).toContain('gravitee_services_core_http_port: must be a whole number');
    expect(err).toContain('integration.providers[0].integrationId');
  });

  test('starts, serves health and metrics, keeps secrets out of its log; on SIGTERM it drains and exits 0', async () => {
    const service = run({ gravitee_services_core_htp_port: '1' });
    expect(await service.logged('running')).toMatchObject({
      service: 'gateway-link',
      instance: expect.stringMatching(/^gateway-link-/u) as unknown,
      note: 'the token is [redacted]',
    });
    await service.logged('started');
    const url = String((await service.logged('health server listens'))['url']);
    expect(await (await fetch(`${url}/healthz`)).json()).toEqual({ status: 'up' });
    const ready = await fetch(`${url}/readyz`);
    expect(ready.status).toBe(200);
    expect(await ready.json()).toMatchObject({
      ready: true,
      components: { broker: { status: 'up', required: true } },
    });
    const metrics = await (await fetch(`${url}/metrics`)).text();
    expect(metrics).toContain('federation_broker_connected{connection="gateway-link"} 1');
    expect(metrics).toContain('process_cpu_seconds_total');

    service.child.kill('SIGTERM');
    await service.logged('drained');
    const { code, out } = await service.ended;
    expect(code).toBe(0);
    expect(out).toContain('did you mean gravitee_services_core_http_port?');
    expect(out).not.toContain('t0k3n');
  });

  test('without a broker: not ready, waiting, and SIGTERM still exits 0; ready when the broker comes', async () => {
    const other = await startTestBroker();
    await other.kill();
    try {
      const [waiting, lucky] = [run({ NATS_URL: other.url }), run({ NATS_URL: other.url })];
      for (const service of [waiting, lucky]) {
        const url = String((await service.logged('health server listens'))['url']);
        await service.logged('the broker cannot be reached; trying again');
        const ready = await fetch(`${url}/readyz`);
        expect(ready.status).toBe(503);
        expect(await ready.text()).toContain('starting');
        expect((await fetch(`${url}/healthz`)).status).toBe(200);
        expect((await fetch(`${url}/none`)).status).toBe(404);
      }
      waiting.child.kill('SIGINT');
      expect((await waiting.ended).code).toBe(0);
      await other.restart();
      await lucky.logged('started');
      const url = String((await lucky.logged('health server listens'))['url']);
      expect((await fetch(`${url}/readyz`)).status).toBe(200);
    } finally {
      await other.stop();
    }
  });

  test('a port that is taken is one clear line and exit 1', async () => {
    const first = run();
    const { port } = new URL(String((await first.logged('health server listens'))['url']));
    const second = run({ gravitee_services_core_http_port: port });
    const { code, out } = await second.ended;
    expect(code).toBe(1);
    expect(out).toContain(`port ${port} on 127.0.0.1 is taken; set services.core.http.port`);
    expect(out).not.toContain('stack');
  });

  test('a rejection that nobody caught, and a start that fails: said, exit 1', async () => {
    const [rejects, fails] = await Promise.all([
      run({ FIXTURE: 'rejects' }).ended,
      run({ FIXTURE: 'fails' }).ended,
    ]);
    expect([rejects.code, fails.code]).toEqual([1, 1]);
    expect(rejects.out).toContain('nobody caught this');
    expect(fails.out).toContain('cannot start');
  });

  test('SIGTERM twice within milliseconds is one: it drains, exit 0', async () => {
    const service = run();
    await service.logged('started');
    service.child.kill('SIGTERM');
    await service.logged('stopping');
    service.child.kill('SIGTERM');
    service.child.kill('SIGINT');
    const { code, out } = await service.ended;
    expect([code, out.includes('drained')]).toEqual([0, true]);
  });

  test('a signal that is repeated deliberately ends it before its time to stop is over', async () => {
    const service = run({ FIXTURE: 'hangs' });
    await service.logged('started');
    const began = Date.now();
    const pressed = setInterval(() => service.child.kill('SIGINT'), 50);
    const { code } = await service.ended;
    clearInterval(pressed);
    expect(code).toBe(1);
    expect(Date.now() - began).toBeLessThan(limitsAt(1).shutdown - 2_000);
  });
});

test('the version is that of the package', () => {
  const text = readFileSync(new URL('../package.json', import.meta.url), 'utf8');
  expect((JSON.parse(text) as { version: string }).version).toBe(version);
});
