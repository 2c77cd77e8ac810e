import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { parseFrame, type Api, type IngestPayload } from '@federation-agent/contracts';
import { cutBatch, encodeIngest } from './batches.ts';

const api = (uniqueId: string, bytes = 0, description = ''): Api => ({
  uniqueId,
  id: uniqueId,
  name: 'n',
  version: '1',
  description,
  connectionDetails: {},
  type: 'PROXY',
  pages: bytes > 0 ? [{ pageType: 'SWAGGER', content: 'x'.repeat(bytes), filename: 'openapi.json' }] : [],
  plans: [],
  metadata: [],
});
const id = '00000000-0000-0000-0000-000000000000';
const bytesOf = (payload: IngestPayload) => encodeIngest(id, payload).length;
const ids = (messages: readonly IngestPayload[]) =>
  messages.map(({ apis }) => apis.map(({ uniqueId }) => uniqueId));

describe('cutting a batch', () => {
  it('leaves a small one whole', () => {
    const { messages } = cutBatch({ ingestJobId: 'j', apis: [api('a'), api('b')], done: false }, 70_000);
    expect(messages).toStrictEqual([{ ingestJobId: 'j', apis: [api('a'), api('b')], done: false }]);
  });

  it('says done in a message of its own, and keeps an empty batch', () => {
    expect(
      cutBatch({ ingestJobId: 'j', apis: [api('a')], done: true }, 70_000).messages.map(({ done }) => done),
    ).toStrictEqual([false, true]);
    expect(cutBatch({ ingestJobId: 'j', apis: [], done: true }, 70_000).messages).toStrictEqual([
      { ingestJobId: 'j', apis: [], done: true },
    ]);
    expect(cutBatch({ ingestJobId: 'j', apis: [], done: false }, 70_000).messages).toHaveLength(1);
  });

  it('sends an API whose document alone is too large without it, and says so', () => {
    const { messages, trimmed } = cutBatch(
      { ingestJobId: 'j', apis: [api('a'), api('big', 90_000, 'Pets.'), api('c')], done: false },
      70_000,
    );
    expect(ids(messages)).toStrictEqual([['a', 'big', 'c']]);
    expect(trimmed).toStrictEqual(['big']);
    expect(messages[0]?.apis[1]).toMatchObject({
      pages: [],
      description: 'Pets.\n\nThe document openapi.json of 0.1 MB is too large for APIM and was left out.',
    });
  });

  it('names an API that fits nowhere', () => {
    const { messages, tooLarge } = cutBatch(
      { ingestJobId: 'j', apis: [api('a', 0, 'x'.repeat(80_000)), api('b')], done: true },
      70_000,
    );
    expect(tooLarge.map(({ uniqueId }) => uniqueId)).toStrictEqual(['a']);
    expect(ids(messages)).toStrictEqual([['b'], []]);
  });

  it('never writes a message above the limit, loses no API and keeps the order', () => {
    const some = fc.array(
      fc.record({
        bytes: fc.nat({ max: 3_000 }),
        text: fc.string({ unit: fc.constantFrom(';', ';;', '"', 'é', '🦆', 'x'), maxLength: 200 }),
      }),
      { maxLength: 12 },
    );
    fc.assert(
      fc.property(some, fc.integer({ min: 1_500, max: 6_000 }), fc.boolean(), (shapes, limit, done) => {
        const apis = shapes.map(({ bytes, text }, index) => api(String(index), bytes, text));
        const cut = cutBatch({ ingestJobId: 'job', apis, done }, limit);
        for (const message of cut.messages) {
          expect(bytesOf(message)).toBeLessThanOrEqual(limit);
          const command = { id, type: 'INGEST', payload: message };
          expect(parseFrame(encodeIngest(id, message))).toMatchObject({ exchangeType: 'INGEST', command });
        }
        const sent = ids(cut.messages).flat();
        const left = cut.tooLarge.map(({ uniqueId }) => uniqueId);
        expect([...sent, ...left].sort()).toStrictEqual(apis.map(({ uniqueId }) => uniqueId).sort());
        expect(sent.map(Number)).toStrictEqual(sent.map(Number).sort((a, b) => a - b));
        expect(cut.messages.filter((message) => message.done)).toHaveLength(done ? 1 : 0);
        if (done) expect(cut.messages.at(-1)).toMatchObject({ apis: [], done: true });
      }),
    );
  });
});
