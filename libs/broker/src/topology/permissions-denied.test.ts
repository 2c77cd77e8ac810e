/** Each service as a separate user of a real nats-server: what does not belong to it is denied. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { serviceNames, type ServiceName } from '@federation-agent/contracts';
import type { Broker } from '../broker.ts';
import { BrokerDeniedError } from '../errors.ts';
import { startAs, userConfig, usersBlock } from '../../test/broker-users.ts';
import { startTestBroker, type TestBroker } from '../../test/broker.ts';
import { requestOutcome, subscribeOutcome } from '../../test/denied.ts';

const namespace = 'ours';
const brokers = {} as Record<ServiceName, Broker>;
let server: TestBroker;

beforeAll(async () => {
  server = await startTestBroker({ config: usersBlock([namespace]) });
  for (const service of serviceNames) {
    brokers[service] = await startAs(service, userConfig(server.url, namespace, service));
  }
});
afterAll(async () => {
  await Promise.all(Object.values(brokers).map((broker) => broker.close()));
  await server.stop();
});

describe('is denied', () => {
  const stream = `KV_${namespace}_subscriptions`;
  const api = '$JS.API';

  it('starting as another service, which is told at once and not asked again', async () => {
    const asWhat = startAs('console', userConfig(server.url, namespace, 'gateway-link'));
    await expect(asWhat).rejects.toThrow(BrokerDeniedError);
    await expect(asWhat).rejects.toThrow(/npm run broker:users prints what it needs/u);
  });

  it('subscription-manager: publishing an ingest batch', async () => {
    const { subjects } = brokers['subscription-manager'];
    expect(await requestOutcome(brokers['subscription-manager'], subjects.ingest('i'), '{}')).toBe('denied');
  });

  it.each([
    ['by its sequence', `${api}.STREAM.MSG.GET.${stream}`, '{"seq":1}'],
    ['directly', `${api}.DIRECT.GET.${stream}`, '{"seq":1}'],
    ['directly by its key', `${api}.DIRECT.GET.${stream}.$KV.${namespace}_subscriptions.a`, ''],
    ['with a consumer', `${api}.CONSUMER.CREATE.${stream}.mine.$KV.${namespace}_subscriptions.>`, '{}'],
    ['with a consumer without a filter', `${api}.CONSUMER.CREATE.${stream}.mine`, '{}'],
    ['with a consumer of the old API', `${api}.CONSUMER.CREATE.${stream}`, '{}'],
    ['with a durable of the old API', `${api}.CONSUMER.DURABLE.CREATE.${stream}.mine`, '{}'],
    ['with the consumer of another', `${api}.CONSUMER.MSG.NEXT.${stream}.theirs`, '1'],
    ['by its info', `${api}.STREAM.INFO.${stream}`, '{"subjects_filter":">"}'],
    ['by a snapshot', `${api}.STREAM.SNAPSHOT.${stream}`, '{}'],
  ])('aws-discovery: reading a subscription %s', async (_way, subject, body) => {
    expect(await requestOutcome(brokers['aws-discovery'], subject, body)).toBe('denied');
  });

  it.each([
    `$KV.${namespace}_subscriptions.>`,
    `_INBOX.${namespace}.subscription-manager.>`,
    '_INBOX.>',
    '>',
  ])('aws-discovery: listening to %s', async (subject) => {
    expect(await subscribeOutcome(brokers['aws-discovery'], subject)).toBe('denied');
  });

  it('aws-discovery: the commands of the other worker, and sending any', async () => {
    const { subjects } = brokers['aws-discovery'];
    const filter = subjects.commandsOf('subscription');
    for (const subject of [
      `${api}.CONSUMER.CREATE.${namespace}_COMMANDS.${namespace}_discovery.${filter}`,
      `${api}.CONSUMER.CREATE.${namespace}_COMMANDS.${namespace}_discovery`,
      `${api}.CONSUMER.MSG.NEXT.${namespace}_COMMANDS.${namespace}_subscription`,
      `$JS.ACK.${namespace}_COMMANDS.${namespace}_subscription.1.1.1.1.0`,
      subjects.command('DISCOVER', 'i'),
    ])
      expect([subject, await requestOutcome(brokers['aws-discovery'], subject, '{}')]).toEqual([
        subject,
        'denied',
      ]);
  });

  it('gateway-link: writing into the catalog, and making a hole in it', async () => {
    expect(await requestOutcome(brokers['gateway-link'], `$KV.${namespace}_catalog.a`, '{}')).toBe('denied');
    expect(await requestOutcome(brokers['gateway-link'], `${api}.STREAM.PURGE.KV_${namespace}_catalog`)).toBe(
      'denied',
    );
    expect(await requestOutcome(brokers['subscription-manager'], `$KV.${namespace}_catalog.a`, '{}')).toBe(
      'denied',
    );
  });

  it.each(serviceNames)('%s: deleting a stream, a message, or a consumer that all share', async (service) => {
    const { jsm } = brokers[service];
    for (const name of [`${namespace}_COMMANDS`, `KV_${namespace}_gates`, `KV_${namespace}_payloads`]) {
      expect(await requestOutcome(brokers[service], `${api}.STREAM.DELETE.${name}`)).toBe('denied');
      expect(await requestOutcome(brokers[service], `${api}.STREAM.MSG.DELETE.${name}`, '{"seq":1}')).toBe(
        'denied',
      );
    }
    expect(
      await requestOutcome(
        brokers[service],
        `${api}.CONSUMER.DELETE.${namespace}_COMMANDS.${namespace}_discovery`,
      ),
    ).toBe('denied');
    expect(await requestOutcome(brokers[service], `${api}.STREAM.LIST`)).toBe('denied');
    expect(await requestOutcome(brokers[service], `${api}.STREAM.CREATE.elsewhere`, '{}')).toBe('denied');
    expect((await jsm.getAccountInfo()).streams).toBe(13);
  });
});
