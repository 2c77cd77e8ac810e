/**
 * The whole of an estate of all types, as APIM gets it: every page is valid by a validator that we did not write, and
 * every address that a page names is answered by the stage that it is for.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import specs from '@asyncapi/specs';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Ajv } from 'ajv';
import { mapConcurrently } from '@federation-agent/base';
import { findNatsServer } from '@federation-agent/broker/test';
import { DiscoverReply, parseApiUniqueId } from '@federation-agent/contracts';
import {
  apisOfReachEstate,
  eventually,
  reachEstate,
  reachKeys,
  seedReachEstate,
  startAgentProcess,
  startApimPeer,
  startAwsPeer,
} from '../support/index.ts';
import type { AgentProcess, ApimPeer, AwsPeer, FederatedApi } from '../support/index.ts';
import { ingest, untilActive } from '../interop/scenarios/steps.ts';

const integration = 'e5b9d1f4-6f0e-4c3b-8a57-0f5d5c2f9a12';
const timeScale = 10;
const verbs = ['get', 'post', 'put', 'patch', 'delete', 'head', 'options'];

describe('an estate of REST, HTTP and WebSocket APIs under custom domains', () => {
  let apim: ApimPeer;
  let aws: AwsPeer;
  let agent: AgentProcess;
  let apis: readonly FederatedApi[] = [];
  let firstCalls: Readonly<Record<string, number>> = {};
  const folder = mkdtempSync(join(tmpdir(), 'reach-'));

  /** The agent, once it has scanned every region. */
  const startScanned = async (schedule: string): Promise<AgentProcess> => {
    const configuration = {
      ...aws.credentials,
      ...reachKeys,
      region: reachEstate.regions.join(','),
      endpointUrl: aws.url,
      schedule,
      requestsPerSecond: '8',
      burst: '10',
    };
    const started = startAgentProcess({
      program: 'standalone',
      cwd: folder,
      env: {
        gravitee_integration_connector_ws_endpoints_0: apim.endpoint,
        gravitee_integration_connector_ws_headers_0_name: 'Authorization',
        gravitee_integration_connector_ws_headers_0_value: `bearer ${apim.token}`,
        gravitee_integration_providers_0_type: 'aws-api-gateway',
        gravitee_integration_providers_0_integrationId: integration,
        ...Object.fromEntries(
          Object.entries(configuration).map(([key, value]) => [
            `gravitee_integration_providers_0_configuration_${key}`,
            value,
          ]),
        ),
        gravitee_services_core_http_port: '0',
        FEDERATION_TEST_TIME_SCALE: String(timeScale),
        NATS_SERVER_BIN: findNatsServer(),
      },
    });
    await started.ready();
    const completed = (): number => started.log().filter(({ msg }) => msg === 'scan completed').length;
    await eventually('a scan of every region', () => completed() >= reachEstate.regions.length || undefined, {
      timeoutMs: 150_000,
    });
    return started;
  };

  beforeAll(async () => {
    aws = await startAwsPeer('sandbox');
    apim = await startApimPeer('sandbox', { integrations: [integration], timeScale });
    if (!aws.sandbox) throw new Error('this peer is the sandbox');
    await seedReachEstate(aws.sandbox.control);
    agent = await startScanned('off');
    await untilActive(apim, integration);
    firstCalls = aws.sandbox.control.counters().byOperation;
    await ingest(apim, integration);
    ({ apis } = await apim.apis(integration));
  }, 240_000);

  afterAll(async () => {
    await agent.end('SIGKILL');
    await apim.stop();
    await aws.stop();
    rmSync(folder, { recursive: true });
  });

  test('the first scan makes the fewest calls that AWS allows', () => {
    const { regions, restApis, httpApis, webSocketApis, domains } = reachEstate;
    const {
      GetApiMappings = 0,
      GetBasePathMappings = 0,
      GetCallerIdentity: _identity,
      ...others
    } = firstCalls;
    expect(GetApiMappings + GetBasePathMappings).toBe(regions.length * domains);
    const each = {
      GetRestApis: 1,
      GetUsagePlans: 1,
      GetApis: 1,
      GetAccount: 1,
      GetDomainNames: 1,
      // One domain in ten has rules.
      ListRoutingRules: domains / 10,
      GetStages: restApis + httpApis + webSocketApis,
      GetExport: restApis,
      ExportApi: httpApis,
      GetRoutes: webSocketApis,
      GetModels: webSocketApis,
    };
    expect(others).toEqual(
      Object.fromEntries(Object.entries(each).map(([name, calls]) => [name, calls * regions.length])),
    );
  });

  test('all of it is discovered and ingested', async () => {
    const answer = await apim.discover(integration);
    const found = DiscoverReply.loose().parse(answer.payload);
    expect([found.apis.length, found.isPartialDiscovery]).toEqual([apisOfReachEstate(), false]);
    expect(apis).toHaveLength(apisOfReachEstate());
  }, 60_000);

  test('every page is valid', async () => {
    const isAsyncApi = new Ajv({ strict: false, validateFormats: false }).compile({
      ...specs.schemasWithoutId['2.6.0'],
    } as object);
    // It has an ajv of its own, which must not be loaded while ours is.
    const { Validator } = await import('@seriousme/openapi-schema-validator');
    const openApi = new Validator();
    const wrong: unknown[] = [];
    let [open, async] = [0, 0];
    for (const { uniqueId, pages } of apis) {
      for (const { pageType, content } of pages) {
        const document = JSON.parse(content ?? '') as Record<string, unknown>;
        if (pageType === 'ASYNCAPI') {
          async += 1;
          if (!isAsyncApi(document)) wrong.push([uniqueId, isAsyncApi.errors]);
        } else {
          open += 1;
          const { valid, errors } = await openApi.validate(document);
          if (!valid) wrong.push([uniqueId, errors]);
        }
      }
    }
    expect(wrong).toEqual([]);
    const { regions, restApis, httpApis, webSocketApis } = reachEstate;
    // One HTTP API in ten has no routes, and so no document.
    expect([open, async]).toEqual([
      regions.length * (restApis + httpApis * 0.9),
      regions.length * webSocketApis,
    ]);
  }, 120_000);

  test('every server is answered by the stage that it is for, and the first one is the invoke URL', async () => {
    const wrong: unknown[] = [];
    let [asked, ofDomains] = [0, 0];
    await mapConcurrently(apis, 8, async (api) => {
      const [page] = api.pages;
      if (!page) return;
      const { restApiId: apiId, stage } = parseApiUniqueId(api.uniqueId ?? '') ?? {};
      const document = JSON.parse(page.content ?? '') as Document;
      const urls = serversOf(document);
      const [first] = urls;
      const invokeUrl = api.metadata?.find(({ name }) => name === 'Invoke URL')?.value;
      if (invokeUrl !== first) wrong.push([api.uniqueId, 'Invoke URL', invokeUrl, first]);
      for (const url of urls) {
        const call = callOf(document);
        const answer = await ask(aws, `${url}${call.path}`, call.method);
        asked += 1;
        if (url.includes('.example.com')) ofDomains += 1;
        if (answer.status !== 200 || answer.body.apiId !== apiId || answer.body.stage !== stage)
          wrong.push([api.uniqueId, url, call, answer]);
      }
    });
    expect(wrong).toEqual([]);
    expect(asked).toBeGreaterThan(apisOfReachEstate());
    expect(ofDomains).toBeGreaterThan(reachEstate.domains * reachEstate.regions.length);
  }, 120_000);

  test('a scan of the unchanged account reads every stage, and exports nothing of any type', async () => {
    await agent.end('SIGTERM');
    const control = aws.sandbox?.control;
    control?.clearLog();
    // Other settings: the agent that starts with them reads everything anew.
    agent = await startScanned('12h');
    const { regions, restApis, httpApis, webSocketApis } = reachEstate;
    const { byOperation } = control?.counters() ?? { byOperation: {} };
    const stages = regions.length * (restApis + httpApis + webSocketApis);
    expect(byOperation).toMatchObject({ GetApis: regions.length, GetStages: stages });
    for (const operation of ['GetExport', 'ExportApi', 'GetRoutes', 'GetModels'])
      expect(byOperation).not.toHaveProperty(operation);
  }, 180_000);
});

interface Document {
  readonly servers?:
    | readonly { url: string; variables?: Record<string, { default: string }> }[]
    | Record<string, { url: string; protocol: string }>;
  readonly paths?: Record<string, Record<string, unknown>>;
}

/** The URLs of the servers, with their variables filled in. */
function serversOf({ servers = [] }: Document): string[] {
  if (!Array.isArray(servers))
    return Object.values(servers as Record<string, { url: string; protocol: string }>).map(
      ({ url, protocol }) => `${protocol}://${url}`,
    );
  return (servers as { url: string; variables?: Record<string, { default: string }> }[]).map(
    ({ url, variables = {} }) =>
      url.replace(/\{(\w+)\}/gu, (_, name: string) => variables[name]?.default ?? '').replace(/\/$/u, ''),
  );
}

/** The first operation of a document; a WebSocket API is called at its server itself. */
function callOf({ paths = {} }: Document): { readonly method: string; readonly path: string } {
  const [[path, item] = ['', {}]] = Object.entries(paths);
  const method = verbs.find((verb) => verb in item) ?? 'get';
  return { method: method.toUpperCase(), path: path.replace(/\{[^}]+\}/gu, 'x') };
}

interface Reached {
  readonly apiId?: string;
  readonly stage?: string;
}

/** Sends the request to the sandbox, with the host of the URL: nobody looks the name up. */
function ask(
  { sandbox }: AwsPeer,
  url: string,
  method: string,
): Promise<{ readonly status: number; readonly body: Reached }> {
  const { host, pathname } = new URL(url);
  return new Promise((resolve, reject) => {
    request(`${sandbox?.url ?? ''}${pathname}`, { method, headers: { host }, agent: false }, (response) => {
      text(response).then(
        (body) => resolve({ status: response.statusCode ?? 0, body: JSON.parse(body || '{}') as Reached }),
        reject,
      );
    })
      .on('error', reject)
      .end();
  });
}
