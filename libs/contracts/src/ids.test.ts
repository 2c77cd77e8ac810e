import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { apiUniqueId, idToken, parseApiUniqueId } from './ids.ts';
import { catalogKeys } from './catalog.ts';
import { subscriptionKeys } from './subscription.ts';

const part = fc.stringMatching(/^[A-Za-z0-9_-]{1,20}$/u);
const coordinates = fc.record({ account: part, region: part, restApiId: part, stage: part });

describe('ids', () => {
  it('a unique id is taken apart into what it was built from', () => {
    fc.assert(fc.property(coordinates, (api) => expect(parseApiUniqueId(apiUniqueId(api))).toEqual(api)));
  });

  it('an id of another agent is not one of ours', () => {
    for (const id of ['arn:aws:apigateway:eu-west-1::/restapis/api1/stages/prod', 'api1:prod', '', ':::']) {
      expect(parseApiUniqueId(id)).toBeUndefined();
    }
  });

  it('any id makes one token of a subject, and a key that a bucket takes', () => {
    fc.assert(
      fc.property(
        fc.string({ minLength: 1 }),
        fc.string({ minLength: 1 }),
        coordinates,
        (integration, id, api) => {
          expect(idToken(id)).toMatch(/^[a-z0-9-]+$/u);
          for (const key of [
            catalogKeys.entry(integration, api),
            catalogKeys.ingest(id),
            subscriptionKeys.record(integration, id),
            subscriptionKeys.gate(id),
          ]) {
            expect(key).toMatch(/^[-/_=.A-Za-z0-9]+$/u);
          }
        },
      ),
    );
  });

  it('keeps a UUID readable', () => {
    expect(idToken('0AA60A34-47c8-4297-b49f-4520e14d89cf')).toBe('0aa60a34-47c8-4297-b49f-4520e14d89cf');
  });
});
