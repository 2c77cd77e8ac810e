import { startAgent } from './agent.ts';
import { singleBroker } from './agent-broker.ts';
import { startApimPeer } from './apim-peer.ts';
import { startAwsPeer } from './aws-peer.ts';
import type { ApiSubscription } from './control-client.ts';
import { eventually } from './eventually.ts';
import { startOtlpReceiver } from './otlp-receiver.ts';
import type { ReceivedSpan } from './otlp-receiver.ts';

/** What was recorded of one SUBSCRIBE. */
export interface SubscribeTrace {
  readonly subscription: ApiSubscription;
  readonly traceId: string;
  /** All spans of the agent, including those of other traces. */
  readonly spans: readonly ReceivedSpan[];
}

const integration = 'integration-1';
const timeScale = 10;

/** Runs the agent as processes against the sandbox, subscribes once, and returns the spans that came over OTLP. */
export async function traceOfSubscribe(): Promise<SubscribeTrace> {
  const stops: (() => Promise<void>)[] = [];
  try {
    const receiver = await startOtlpReceiver();
    stops.unshift(() => receiver.stop());
    const aws = await startAwsPeer('sandbox');
    stops.unshift(() => aws.stop());
    const apim = await startApimPeer('sandbox', { integrations: [integration], timeScale });
    stops.unshift(() => apim.stop());
    const agent = startAgent({
      broker: await singleBroker(),
      apim,
      aws: { url: aws.url, ...aws.credentials },
      integrations: [{ id: integration, region: aws.region }],
      timeScale,
      env: { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.endpoint },
    });
    stops.unshift(() => agent.stop());

    const stage = await aws.addApi({ name: 'orders', description: 'Everything about orders' });
    const planId = await aws.addPlan('gold', [stage]);
    const services = (['gateway-link', 'aws-discovery', 'subscription-manager'] as const).map((program) =>
      agent.start(program),
    );
    await eventually('an active channel', async () =>
      (await apim.channels(integration)).some(({ active, primary }) => active && primary === true)
        ? true
        : undefined,
    );
    // A health round's GOOD_BYE between an upgrade and its HELLO may end the first try.
    const jobId = await eventually(
      'a START_INGEST that is taken',
      async () => (await apim.ingest(integration)).jobId ?? undefined,
    );
    await apim.untilJobEnds(integration, jobId);
    const apiId = `${aws.account}:${aws.region}:${stage.apiId}:${stage.stage}`;
    const subscription = await apim.subscribe(integration, { apiId, planId, applicationName: 'My app' });
    // Spans that are not sent yet are sent at the end of a process.
    await Promise.all(services.map((service) => service.end('SIGTERM')));
    const spans = receiver.spans();
    const traceId = spans.find(({ name }) => name.includes('CreateApiKey'))?.traceId ?? '';
    return { subscription, traceId, spans: [...spans] };
  } finally {
    for (const stop of stops) await stop();
  }
}
