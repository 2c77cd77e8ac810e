import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { encodeCommand, toFrameJson, type Api } from '@federation-agent/contracts';
import { batchLength, fits, withoutPages } from '../ingest/batch.ts';
import { entry } from '../../test/samples.ts';
import { toApi } from './api.ts';
import { envelopeBytes, jsonBytes } from './message-size.ts';

const api = (content: string): Api => ({
  ...toApi(entry(), { nameTemplate: '{name}' }).api,
  pages: [{ pageType: 'SWAGGER', content, filename: 'openapi.json' }],
});
const text = fc.string({ unit: fc.constantFrom('a', ';', 'é', '🚀', '"', '\\', '\n') });
const apis = fc.array(text.map(api), { maxLength: 12 });
const frameOf = (some: readonly Api[]): number => {
  const payload = { ingestJobId: 'x'.repeat(36), apis: some, done: false };
  return encodeCommand({ id: 'x'.repeat(36), type: 'INGEST', payload }).length;
};

test('bytes are never counted below those of the frame, `;;` and all', () => {
  fc.assert(
    fc.property(text, (content) =>
      expect(jsonBytes(JSON.stringify(api(content)))).toBeGreaterThanOrEqual(
        Buffer.byteLength(toFrameJson(api(content))),
      ),
    ),
  );
});

describe('batches', () => {
  const limits = { batchApis: 3, batchBytes: 4_000, messageBytes: 65_536 };

  test('hold every API once, in order, within count and bytes; one alone may exceed the bytes', () => {
    fc.assert(
      fc.property(apis, (all) => {
        const batches: Api[][] = [];
        for (let rest = all; rest.length > 0;) {
          const length = batchLength(rest, limits);
          expect(length).toBeGreaterThan(0);
          batches.push(rest.slice(0, length));
          rest = rest.slice(length);
        }
        expect(batches.flat()).toEqual(all);
        for (const batch of batches) {
          expect(batch.length).toBeLessThanOrEqual(limits.batchApis);
          const bytes =
            envelopeBytes + batch.reduce((sum, one) => sum + jsonBytes(JSON.stringify(one)) + 1, 0);
          expect(batch.length === 1 || bytes <= limits.batchBytes).toBe(true);
        }
      }),
    );
  });

  test('an API that fits is within the message, and without its pages it says why', () => {
    const large = api('x'.repeat(70_000));
    expect(fits(large, limits)).toBe(false);
    const small = withoutPages(large, limits.messageBytes);
    expect(fits(small, limits)).toBe(true);
    expect(small).toMatchObject({ pages: [], description: expect.stringContaining('65,536 bytes') });
    expect(frameOf([api('x'.repeat(62_000))])).toBeLessThanOrEqual(65_536);
  });
});
