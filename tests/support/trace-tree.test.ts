import { expect, test } from '@jest/globals';
import { startOtlpReceiver } from './otlp-receiver.ts';
import { printTrace, traceTree } from './trace-tree.ts';

const span = (spanId: string, parentSpanId: string, name: string, startMs: number) => ({
  traceId: 't',
  spanId,
  ...(parentSpanId === '' ? {} : { parentSpanId }),
  name,
  startTimeUnixNano: `${startMs}000000`,
  endTimeUnixNano: `${startMs + 2}500000`,
  attributes: [{ key: 'a', value: { stringValue: 'b' } }],
  status: { code: name === 'attach' ? 2 : 0 },
});

test('what comes in over OTLP is printed as a tree, in order of time', async () => {
  const receiver = await startOtlpReceiver();
  const post = async (service: string, spans: object[]): Promise<number> => {
    const resource = { attributes: [{ key: 'service.name', value: { stringValue: service } }] };
    const body = JSON.stringify({ resourceSpans: [{ resource, scopeSpans: [{ spans }] }] });
    return (await fetch(`${receiver.endpoint}/v1/traces`, { method: 'POST', body })).status;
  };
  expect(await post('manager', [span('3', '2', 'attach', 8), span('2', '1', 'create', 5)])).toBe(200);
  expect(await post('link', [span('1', '', 'SUBSCRIBE', 4), span('4', '1', 'reply', 9)])).toBe(200);
  expect((await fetch(receiver.endpoint, { method: 'POST', body: 'protobuf' })).status).toBe(400);
  await receiver.stop();
  expect(receiver.spans()[0]).toMatchObject({ service: 'manager', attributes: { a: 'b' }, failed: true });
  expect(printTrace(traceTree(receiver.spans(), 't'))).toBe(
    [
      'SUBSCRIBE  [link]  +0.0 ms, 2.5 ms',
      '├─ create  [manager]  +1.0 ms, 2.5 ms',
      '│  └─ attach  [manager]  +4.0 ms, 2.5 ms  FAILED',
      '└─ reply  [link]  +5.0 ms, 2.5 ms',
    ].join('\n'),
  );
});
