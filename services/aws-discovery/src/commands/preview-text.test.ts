import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { DiscoverReply, encodeSuccess, parseFrame, type PreviewApi } from '@federation-agent/contracts';
import { previewText } from './preview-text.ts';

const text = fc.string({ unit: fc.constantFrom('a', ';', 'é', '🚀', '"', '\\', '\n', '\0'), minLength: 1 });
const restApiId = fc.constantFrom('a1', 'b2', 'c3', 'd4');
const previews = fc.uniqueArray(
  fc
    .record({
      account: fc.constantFrom('1', '2'),
      region: fc.constantFrom('eu', 'us'),
      restApiId,
      name: text,
    })
    .map(({ account, region, restApiId: api, name }): PreviewApi => {
      const uniqueId = `${account}:${region}:${api}:prod`;
      return { uniqueId, id: uniqueId, name, version: '1' };
    }),
  { selector: ({ uniqueId }) => uniqueId },
);
const frameOf = (json: Buffer): Buffer => encodeSuccess('x'.repeat(36), 'DISCOVER', json) ?? Buffer.alloc(0);
const read = (frame: Buffer): DiscoverReply => {
  const parsed = parseFrame(frame);
  if (parsed.kind !== 'reply') throw new Error(parsed.kind);
  return DiscoverReply.parse(parsed.reply.payload);
};
const clean = (apis: readonly PreviewApi[]): PreviewApi[] =>
  apis.map((api) => ({ ...api, name: api.name.replaceAll('\0', '') })).filter(({ name }) => name !== '');

describe('the payload of DISCOVER', () => {
  test('has all of them, as they are, while they fit', async () => {
    await fc.assert(
      fc.asyncProperty(previews.map(clean), fc.boolean(), async (apis, isPartial) => {
        const { json, sent } = await previewText(apis, { isPartial, messageBytes: 65_536 });
        expect(sent).toBe(apis.length);
        expect(read(frameOf(json))).toEqual({ apis, isPartialDiscovery: isPartial });
      }),
    );
  });

  test('has the first that fit, with short ids that name one each, and says that it is partial', async () => {
    await fc.assert(
      fc.asyncProperty(previews.map(clean), fc.integer({ min: 0, max: 900 }), async (apis, room) => {
        const messageBytes = 2_048 + room;
        const { json, sent } = await previewText(apis, { isPartial: false, messageBytes });
        expect(frameOf(json).length).toBeLessThanOrEqual(messageBytes);
        const reply = read(frameOf(json));
        expect(reply.isPartialDiscovery).toBe(sent < apis.length);
        expect(reply.apis.map(({ uniqueId }) => uniqueId)).toEqual(
          apis.slice(0, sent).map(({ uniqueId }) => uniqueId),
        );
        const ids = reply.apis.map(({ id }) => id);
        expect(new Set(ids).size).toBe(sent);
        for (const { id, uniqueId } of reply.apis) expect(uniqueId.endsWith(id)).toBe(true);
      }),
    );
  });

  test('of 100,000 APIs with names and versions as they are in the field fits into one message', async () => {
    const apis = Array.from({ length: 100_000 }, (_, index): PreviewApi => {
      const api = index.toString(36).padStart(10, 'a');
      const uniqueId = `${200_000_000_000 + (index % 10)}:eu-central-1:${api}:prod`;
      return { uniqueId, id: uniqueId, name: `invoices-${index} (prod)`, version: '1.2.3' };
    });
    const { sent, json } = await previewText(apis, { isPartial: false, messageBytes: 13_107_200 });
    expect(sent).toBe(100_000);
    expect(json.length / sent).toBeLessThan(131);
  });
});
