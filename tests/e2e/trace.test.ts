import { beforeAll, describe, expect, test } from '@jest/globals';
import { printTrace, traceTree } from '../support/trace-tree.ts';
import { traceOfSubscribe } from '../support/trace-of-subscribe.ts';
import type { SubscribeTrace } from '../support/trace-of-subscribe.ts';

describe('the trace of one SUBSCRIBE', () => {
  let seen: SubscribeTrace;

  beforeAll(async () => {
    seen = await traceOfSubscribe();
  }, 90_000);

  test('is one tree, from the frame to the reply', () => {
    expect(seen.subscription).toMatchObject({ status: 'ACCEPTED' });
    const roots = traceTree(seen.spans, seen.traceId);
    expect(roots.map(({ span }) => `${span.service} ${span.name}`)).toEqual(['gateway-link APIM SUBSCRIBE']);
    expect(printTrace(roots)).toContain('subscription-manager');
  });

  test('has each AWS call below the work of subscription-manager, and the reply in gateway-link', () => {
    const ours = seen.spans.filter(({ traceId }) => traceId === seen.traceId);
    const byId = new Map(ours.map((span) => [span.spanId, span]));
    const above = (span: (typeof ours)[number]): string[] => {
      const parent = byId.get(span.parentSpanId ?? '');
      return parent ? [parent.service, ...above(parent)] : [];
    };
    for (const call of ['CreateApiKey', 'CreateUsagePlanKey']) {
      const spans = ours.filter(({ name }) => name.includes(call));
      expect(spans).toHaveLength(1);
      expect(spans.map(({ service }) => service)).toEqual(['subscription-manager']);
      expect(spans.flatMap(above)).toEqual(expect.arrayContaining(['subscription-manager', 'gateway-link']));
    }
    const replies = ours.filter(({ name, service }) => service === 'gateway-link' && /reply/iu.test(name));
    expect(replies.flatMap(above)).toContain('subscription-manager');
  });

  test('is found by the id of the subscription in every service, and by it alone', () => {
    const id = 'gravitee.subscription.id';
    const found = seen.spans.filter(({ attributes }) => attributes[id] === seen.subscription.id);
    expect(new Set(found.map(({ service }) => service))).toEqual(
      new Set(['gateway-link', 'subscription-manager']),
    );
    expect(found.some(({ name }) => name === 'API Gateway/CreateApiKey')).toBe(true);
    expect(
      found.filter(({ traceId, name }) => traceId !== seen.traceId && name !== 'subscription sweep'),
    ).toEqual([]);
  });

  test('START_INGEST and its export calls are traced in aws-discovery; no span holds the key or the token', () => {
    const started = seen.spans.find(({ name }) => name.includes('START_INGEST'));
    const services = seen.spans
      .filter(({ traceId }) => traceId === started?.traceId)
      .map((one) => one.service);
    expect(services).toEqual(expect.arrayContaining(['gateway-link', 'aws-discovery']));
    const text = JSON.stringify(seen.spans);
    expect(text.includes(seen.subscription.apiKey ?? '')).toBe(false);
    expect(text.includes('a-service-account-token')).toBe(false);
  });
});
