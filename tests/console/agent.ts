/** The agent with its console, between a sandbox APIM and a sandbox AWS, on a broker that a test can kill. */
import { startTestBroker, type TestBroker } from '@federation-agent/broker/test';
import { untilActive } from '../interop/scenarios/steps.ts';
import { startApimPeer, startAwsPeer, type ApimPeer, type AwsPeer } from '../support/index.ts';
import { integration, provider, startConsole, timeScale } from './start-console.ts';

export interface ConsoleWorld {
  readonly apim: ApimPeer;
  readonly aws: AwsPeer;
  readonly broker: TestBroker;
  readonly url: string;
}

/** @param stack takes what is started, so that it ends even when the rest does not start */
export async function startConsoleWorld(stack: AsyncDisposableStack): Promise<ConsoleWorld> {
  const aws = await startAwsPeer('sandbox');
  stack.defer(() => aws.stop());
  const apim = await startApimPeer('sandbox', { integrations: [integration], timeScale });
  stack.defer(() => apim.stop());
  const broker = await startTestBroker();
  stack.defer(() => broker.stop());
  const { agent, url } = await startConsole(stack, 'standalone', {
    gravitee_integration_connector_ws_endpoints_0: apim.endpoint,
    gravitee_integration_connector_ws_headers_0_name: 'Authorization',
    gravitee_integration_connector_ws_headers_0_value: `bearer ${apim.token}`,
    [`${provider}_configuration_accessKeyId`]: aws.credentials.accessKeyId,
    [`${provider}_configuration_secretAccessKey`]: aws.credentials.secretAccessKey,
    [`${provider}_configuration_region`]: aws.region,
    [`${provider}_configuration_endpointUrl`]: aws.url,
    [`${provider}_configuration_requestsPerSecond`]: '8',
    [`${provider}_configuration_burst`]: '10',
    NATS_URL: broker.url,
  });
  await agent.ready();
  await untilActive(apim, integration);
  return { apim, aws, broker, url };
}
