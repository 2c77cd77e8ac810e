import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { findNatsServer } from '@federation-agent/broker/test';
import {
  fixturePassword,
  type ForwardProxy,
  startForwardProxy,
  tlsFixture,
} from '@federation-agent/net/test';
import {
  APIM_CONTROLLER_START_MS,
  environmentOf,
  probeApimController,
  requireOrSkip,
  startAgentProcess,
  startApimController,
  startAwsPeer,
} from '../support/index.ts';
import type { AgentProcess, ApimController, AwsPeer } from '../support/index.ts';

const integration = 'e5b9d1f4-6f0e-4c3b-8a57-0f5d5c2f9a12';
const token = 'a-token';
const ssl = 'gravitee_integration_connector_ws_ssl';
const proxyKeys = 'gravitee_integration_connector_ws_proxy';

/** The real controller shows a certificate of an unknown authority. */
requireOrSkip('the real APIM controller over TLS', probeApimController())(
  'the real APIM controller over TLS',
  () => {
    const login = { username: 'bob', password: 'pass:word' };
    const folder = mkdtempSync(join(tmpdir(), 'tls-'));
    let controller: ApimController;
    let aws: AwsPeer;
    let proxy: ForwardProxy;
    let agent: AgentProcess | undefined;

    beforeAll(async () => {
      [controller, aws, proxy] = await Promise.all([
        startApimController({
          integrations: { [integration]: 'aws-api-gateway' },
          token,
          tls: { keystore: tlsFixture('server.p12'), password: fixturePassword },
        }),
        startAwsPeer('sandbox'),
        startForwardProxy({ type: 'HTTP', login }),
      ]);
    }, APIM_CONTROLLER_START_MS);
    afterEach(async () => {
      await agent?.end('SIGKILL');
    });
    afterAll(async () => {
      await Promise.all([controller.stop(), aws.stop(), proxy.stop()]);
      rmSync(folder, { recursive: true });
    });

    const start = (env: Readonly<Record<string, string>>): AgentProcess =>
      (agent = startAgentProcess({
        program: 'standalone',
        cwd: folder,
        env: environmentOf({
          apim: { endpoint: controller.endpoint, token },
          aws: { url: aws.url, ...aws.credentials },
          integrations: [{ id: integration, region: aws.region }],
          timeScale: 10,
          env: { NATS_SERVER_BIN: findNatsServer(), ...env },
        }),
      }));

    test('is trusted by a PKCS12 of Java, through a proxy with a password', async () => {
      const started = start({
        [`${ssl}_truststore_type`]: 'PKCS12',
        [`${ssl}_truststore_path`]: tlsFixture('truststore-java17.p12'),
        [`${ssl}_truststore_password`]: fixturePassword,
        [`${proxyKeys}_enabled`]: 'true',
        [`${proxyKeys}_host`]: '127.0.0.1',
        [`${proxyKeys}_port`]: String(proxy.port),
        [`${proxyKeys}_username`]: login.username,
        [`${proxyKeys}_password`]: login.password,
      });
      await started.ready();
      await controller.untilEvent(({ kind }) => kind === 'channel-registered');
      expect(proxy.seen).toEqual([new URL(controller.endpoint).host]);
      expect(JSON.stringify(started.log())).not.toContain(login.password);
    });

    test('is not trusted without a truststore, and health says what to set', async () => {
      const { status } = await start({}).untilHealth(
        /the certificate of 127\.0\.0\.1:\d+ comes from an unknown authority.*ssl\.truststore\.path/u,
      );
      expect(status).toBe(503);
    });

    test('a wrong password of the truststore ends the start', async () => {
      const started = start({
        [`${ssl}_truststore_path`]: tlsFixture('truststore-java17.p12'),
        [`${ssl}_truststore_password`]: 'another',
      });
      expect(await started.ended()).toBe(2);
      expect(JSON.stringify(started.log())).toMatch(
        /ssl_truststore_password: wrong for .*truststore-java17\.p12/u,
      );
    });
  },
);
