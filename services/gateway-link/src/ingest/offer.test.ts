import { describe, expect, it } from '@jest/globals';
import { failed, succeeded, type Api, type IngestPayload } from '@federation-agent/contracts';
import type { Answer } from '../channel/link-socket.ts';
import { interrupted, offer } from './offer.ts';

const taken: Answer = { kind: 'reply', reply: succeeded('c', 'INGEST') };
const refused: Answer = { kind: 'reply', reply: failed('c', 'INGEST', 'database says no') };
const silent: Answer = { kind: 'unanswered' };
const api = (uniqueId: string) => ({ uniqueId }) as Api;
const message = (...apis: string[]): IngestPayload => ({
  ingestJobId: 'j',
  apis: apis.map(api),
  done: false,
});

/** Answers in turn; asked for more it fails. */
async function offered(what: IngestPayload, ...answers: Answer[]) {
  const asked: string[] = [];
  const result = await offer(
    what,
    ({ apis }) => {
      asked.push(apis.map(({ uniqueId }) => uniqueId).join(' '));
      const answer = answers.shift();
      return answer ? Promise.resolve(answer) : Promise.reject(new Error('asked too often'));
    },
    () => Promise.resolve(true),
  );
  return { result, asked, unused: answers.length };
}

describe('offering a batch', () => {
  it('is done when APIM takes it, also at the second try', async () => {
    expect(await offered(message('a', 'b'), taken)).toStrictEqual({ result: [], asked: ['a b'], unused: 0 });
    expect(await offered(message('a', 'b'), refused, taken)).toMatchObject({
      result: [],
      asked: ['a b', 'a b'],
    });
    expect(await offered(message('a', 'b'), silent, taken)).toMatchObject({ result: [] });
  });

  it('goes API by API after two refusals, and names those that still fail', async () => {
    expect(await offered(message('a', 'b', 'c'), refused, silent, taken, refused, silent)).toStrictEqual({
      result: [
        { api: api('b'), reason: 'database says no' },
        { api: api('c'), reason: 'APIM did not answer in time' },
      ],
      asked: ['a b c', 'a b c', 'a', 'b', 'c'],
      unused: 0,
    });
  });

  it('does not ask a third time for one API or for none', async () => {
    expect(await offered(message('a'), refused, refused)).toMatchObject({
      result: [{ api: api('a'), reason: 'database says no' }],
    });
    expect(await offered(message(), refused, refused)).toMatchObject({ result: [{ api: undefined }] });
  });

  it('is to be repeated when the socket ends, wherever it was', async () => {
    const closed: Answer = { kind: 'closed' };
    expect((await offered(message('a', 'b'), closed)).result).toBe(interrupted);
    expect((await offered(message('a', 'b'), refused, refused, taken, closed)).result).toBe(interrupted);
  });
});
