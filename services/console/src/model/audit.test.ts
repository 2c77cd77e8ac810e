import { describe, expect, it, test } from '@jest/globals';
import { AuditEvent, EventFilter } from '../api/index.ts';
import { auditEvent, csvLine, isEventWanted } from './audit.ts';

const root = 'federation-agent.v1.event';
const entry = (subject: string, body: unknown) => ({ sequence: 7, subject, at: 1, body, traceId: 't' });
const subscription = {
  version: 2,
  at: 5,
  integrationId: 'i',
  actor: { kind: 'operator', name: 'ada' },
  outcome: 'ok',
  graviteeSubscriptionId: 's',
  state: 'held',
  life: 1,
  account: 'a',
  region: 'r',
  uniqueId: 'a:r:x:y',
  usagePlanId: 'p',
  apiKeyId: 'k',
};

describe('an event of the stream', () => {
  it('has one flat shape, with who did it', () => {
    const event = auditEvent(entry(`${root}.subscription.held.token`, subscription));
    expect(AuditEvent.parse(event)).toEqual(event);
    expect(event).toMatchObject({
      kind: 'subscription',
      what: 'held',
      actor: 'operator',
      by: 'ada',
      traceId: 't',
    });
  });

  it('of version 1 is shown too: it has no actor', () => {
    const old = { at: 1, integrationId: 'i', uniqueId: 'a:r:x:y', what: 'added' };
    expect(auditEvent(entry(`${root}.api.added`, old))).toMatchObject({
      actor: 'agent',
      outcome: 'ok',
      account: 'a',
      region: 'r',
    });
  });

  it('of an unknown kind, or that is no event, is left out', () => {
    expect(auditEvent(entry(`${root}.other.x.y`, subscription))).toBeUndefined();
    expect(auditEvent(entry(`${root}.api.added.y`, 'text'))).toBeUndefined();
  });
});

test('an event has the address of its trace where people look at traces', () => {
  const held = entry(`${root}.subscription.held.token`, subscription);
  expect(auditEvent(held, 'http://traces/t/{traceId}?u={traceId}')?.traceUrl).toBe('http://traces/t/t?u=t');
  expect(auditEvent({ ...held, traceId: '../"x' }, 'http://traces/{traceId}')?.traceUrl).toBe(
    'http://traces/..%2F%22x',
  );
  expect(auditEvent(held)).not.toHaveProperty('traceUrl');
});

test('every field of a filter must match', () => {
  const event = AuditEvent.parse(auditEvent(entry(`${root}.subscription.held.token`, subscription)));
  const wanted = (filter: object) => isEventWanted(event, EventFilter.parse(filter));
  expect(wanted({})).toBe(true);
  expect(
    wanted({ kind: 'subscription', what: 'held', subscription: 's', account: 'a', from: 5, to: 5 }),
  ).toBe(true);
  for (const filter of [
    { kind: 'api' },
    { subscription: 'x' },
    { account: 'b' },
    { actor: 'apim' },
    { from: 6 },
  ]) {
    expect([filter, wanted(filter)]).toEqual([filter, false]);
  }
});

test('a line of CSV: quotes are doubled, and no cell is a formula', () => {
  const event = AuditEvent.parse({
    ...auditEvent(entry(`${root}.subscription.held.token`, subscription)),
    detail: '=cmd|" /c calc"!A1',
  });
  expect(csvLine(event)).toContain(`,"'=cmd|"" /c calc""!A1",`);
  expect(csvLine(event)).toContain(',1970-01-01T00:00:00.005Z,');
});
