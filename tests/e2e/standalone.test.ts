import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { findNatsServer } from '@federation-agent/broker/test';
import { startAgentProcess, startApimPeer, startAwsPeer } from '../support/index.ts';
import type { AgentProcess, ApimPeer, AwsPeer } from '../support/index.ts';
import { expectAccepted, ingest, untilActive } from '../interop/scenarios/steps.ts';

const integration = 'e5b9d1f4-6f0e-4c3b-8a57-0f5d5c2f9a11';
const timeScale = 10;

describe('the agent in one process', () => {
  let apim: ApimPeer;
  let aws: AwsPeer;
  const agents: AgentProcess[] = [];
  const folders: string[] = [];

  beforeAll(async () => {
    aws = await startAwsPeer('sandbox');
    apim = await startApimPeer('sandbox', { integrations: [integration], timeScale });
    await aws.addPlan('gold', [await aws.addApi({ name: 'orders', description: 'Everything about orders' })]);
  });

  afterEach(async () => {
    for (const agent of agents.splice(0)) await agent.end('SIGKILL');
  });

  afterAll(async () => {
    await apim.stop();
    await aws.stop();
    for (const folder of folders) rmSync(folder, { recursive: true });
  });

  const newFolder = (): string => {
    const folder = mkdtempSync(join(tmpdir(), 'standalone-'));
    folders.push(folder);
    return folder;
  };

  /** The environment of the official agent's compose file, and what a test adds. */
  const start = (folder: string): AgentProcess => {
    const agent = startAgentProcess({
      program: 'standalone',
      cwd: folder,
      env: {
        gravitee_integration_connector_ws_endpoints_0: apim.endpoint,
        gravitee_integration_connector_ws_headers_0_name: 'Authorization',
        gravitee_integration_connector_ws_headers_0_value: `bearer ${apim.token}`,
        gravitee_integration_providers_0_type: 'aws-api-gateway',
        gravitee_integration_providers_0_integrationId: integration,
        gravitee_integration_providers_0_configuration_accessKeyId: aws.credentials.accessKeyId,
        gravitee_integration_providers_0_configuration_secretAccessKey: aws.credentials.secretAccessKey,
        gravitee_integration_providers_0_configuration_region: aws.region,
        gravitee_integration_providers_0_configuration_acceptApiWithoutUsagePlan: 'false',
        // Only to make AWS the sandbox, the port free, and durations short.
        gravitee_integration_providers_0_configuration_endpointUrl: aws.url,
        gravitee_services_core_http_port: '0',
        FEDERATION_TEST_TIME_SCALE: String(timeScale),
        NATS_SERVER_BIN: findNatsServer(),
      },
    });
    agents.push(agent);
    return agent;
  };

  test('with the variables of the official compose file: connects, ingests, subscribes; again after a restart', async () => {
    const folder = newFolder();
    const first = start(folder);
    await first.ready();
    await untilActive(apim, integration);
    await ingest(apim, integration);
    const { apis } = await apim.apis(integration);
    const request = { apiId: apis[0]?.id ?? '', planId: apis[0]?.plans[0]?.id ?? '' };
    const subscription = await apim.subscribe(integration, request);
    expectAccepted(subscription);
    expect(await aws.keys()).toMatchObject([{ value: subscription.apiKey, enabled: true }]);

    const began = performance.now();
    expect(await first.end('SIGTERM')).toBe(0);
    expect(performance.now() - began).toBeLessThan(10_000);

    const second = start(folder);
    await second.ready();
    await untilActive(apim, integration);
    expect(await apim.retry(integration, subscription.id)).toMatchObject({ apiKey: subscription.apiKey });
    expect(await apim.unsubscribe(integration, subscription.id)).toMatchObject({ status: 'CLOSED' });
    expect(await aws.keys()).toEqual([]);
    expect(await second.end('SIGTERM')).toBe(0);
    const log = JSON.stringify([first.log(), second.log()]);
    expect(log.includes(aws.credentials.secretAccessKey)).toBe(false);
    expect(log.includes(apim.token)).toBe(false);
    expect(log.includes(subscription.apiKey ?? '')).toBe(false);
  }, 90_000);

  test('a second one on the same data folder is refused', async () => {
    const folder = newFolder();
    const first = start(folder);
    await first.ready();
    const second = start(folder);
    const code = await second.ended();
    expect(code).not.toBe(0);
    expect(JSON.stringify(second.log())).toMatch(/data/u);
    expect(first.running()).toBe(true);
    expect(await first.end('SIGTERM')).toBe(0);
  }, 60_000);
});
