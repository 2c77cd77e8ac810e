import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Gate, subscriptionKeys, toFrameJson } from '@federation-agent/contracts';
import { eventually } from '@federation-agent/base/test';
import { type Bucket, openBucket, openChunkStore, toClaimOfJson } from '@federation-agent/broker';
import { startWorkbench, type Workbench } from '../../test/workbench.ts';

let bench: Workbench;
let gates: Bucket<Gate>;
beforeAll(async () => {
  bench = await startWorkbench();
  gates = await openBucket(bench.broker, 'gates', Gate);
});
afterAll(() => bench.stop());

const subscribe = {
  apiId: 'a',
  subscription: {
    graviteeSubscriptionId: 'sub-1',
    graviteeApplicationId: 'app',
    graviteeApplicationName: 'App',
    type: 'API_KEY',
    metadata: { planId: 'p' },
  },
};
const key = {
  status: 'SUCCEEDED' as const,
  payload: {
    inline: {
      subscription: { graviteeSubscriptionId: 'sub-1', metadata: { 'aws.apiKeyId': 'k' }, apiKey: 's3cret' },
    },
  },
};
/** The final state of the gate, which is written in the background. */
async function gateOf(commandId: string, state: Gate['state']): Promise<Gate> {
  const found = Promise.withResolvers<Gate>();
  const watch = await gates.watch(subscriptionKeys.gate(commandId), ({ value }) => {
    if (value?.state === state) found.resolve(value);
  });
  const gate = await found.promise;
  await watch.stop();
  return gate;
}

describe('a command', () => {
  it('goes to the workers with link, deadline and trace, and its reply comes back on its socket', async () => {
    const { connected, integrationId, telemetry } = await bench.link();
    const connection = await connected();
    const before = Date.now();
    const id = connection.command('DISCOVER');
    const command = await bench.workers.command(integrationId);
    expect(command).toMatchObject({
      commandId: id,
      type: 'DISCOVER',
      integrationId,
      payload: { inline: {} },
    });
    expect(command.receivedAt).toBeGreaterThanOrEqual(before);
    expect(command.deadline).toBe(command.receivedAt + bench.limits.commandDeadline);
    const payload = { inline: { apis: [], isPartialDiscovery: false } };
    expect(await bench.workers.reply(command, { status: 'SUCCEEDED', payload })).toStrictEqual({
      outcome: 'delivered',
    });
    expect(await connection.replyTo(id)).toStrictEqual({
      commandId: id,
      type: 'DISCOVER',
      commandStatus: 'SUCCEEDED',
      payload: payload.inline,
    });
    const span = telemetry.spans().find(({ name }) => name === 'APIM DISCOVER');
    const sent = telemetry.spans().find(({ name }) => name.startsWith('send') && name.includes('command'));
    expect(span?.parentSpanContext).toBeUndefined();
    expect(sent?.spanContext().traceId).toBe(span?.spanContext().traceId);
    expect(span?.attributes).toMatchObject({ 'federation.reply.outcome': 'delivered' });
  });

  it('gets the first reply only; every other gets the same outcome, also a late one', async () => {
    const { connected, integrationId } = await bench.link();
    const connection = await connected();
    const id = connection.command('UNSUBSCRIBE', { subscription: { graviteeSubscriptionId: 's' } });
    const command = await bench.workers.command(integrationId);
    const replies = [
      bench.workers.reply(command, { status: 'SUCCEEDED', payload: { inline: {} } }),
      bench.workers.reply(command, { status: 'ERROR', errorDetails: 'no' }),
      bench.workers.reply(command, { status: 'SUCCEEDED', payload: { inline: {} } }),
    ];
    expect(await Promise.all(replies)).toStrictEqual(Array(3).fill({ outcome: 'delivered' }));
    expect(await bench.workers.reply(command, { status: 'ERROR', errorDetails: 'no' })).toStrictEqual({
      outcome: 'delivered',
    });
    connection.command('HEALTH_CHECK', {}, 'after');
    await connection.replyTo('after');
    expect(
      connection.frames.filter((frame) => frame.kind === 'reply' && frame.reply.commandId === id),
    ).toHaveLength(1);
  });

  it('sent twice while it is pending is one command; sent again after its reply gets an error', async () => {
    const { connected, integrationId } = await bench.link();
    const connection = await connected();
    connection.command('DISCOVER', {}, 'twice-1');
    connection.command('DISCOVER', {}, 'twice-1');
    const command = await bench.workers.command(integrationId);
    await bench.workers.reply(command, { status: 'ERROR', errorDetails: 'no' });
    connection.command('DISCOVER', {}, 'twice-1');
    await connection.next('reply', ({ reply }) => reply.errorDetails === 'this command was answered before');
    expect(bench.workers.commands.filter((one) => one.integrationId === integrationId)).toHaveLength(1);
  });

  it('gets an ERROR from the link when no worker answers in time; the worker is refused', async () => {
    const replyDeadline = 600;
    const { connected, integrationId } = await bench.link({
      limits: { commandDeadline: 500, replyDeadline },
    });
    const connection = await connected();
    const id = connection.command('SUBSCRIBE', subscribe);
    const reply = await connection.replyTo(id);
    expect(reply).toMatchObject({
      commandStatus: 'ERROR',
      errorDetails: 'the agent had no answer in time; try again',
    });
    const command = await bench.workers.command(integrationId);
    expect(Date.now() - command.receivedAt).toBeGreaterThanOrEqual(replyDeadline);
    expect(await bench.workers.reply(command, key)).toMatchObject({ outcome: 'refused' });
    expect(await gateOf(id, 'refused')).toMatchObject({ by: command.linkId });
  });

  it('is counted by what APIM was told: an ERROR of a worker, or one of the link', async () => {
    const { connected, integrationId, telemetry } = await bench.link({
      limits: { commandDeadline: 500, replyDeadline: 600 },
    });
    const connection = await connected();
    const replies = async () =>
      (await telemetry.registry.getSingleMetricAsString('federation_link_replies_total')).split('\n');
    const of = (status: string, outcome: string) =>
      `federation_link_replies_total{integration="${integrationId}",type="DISCOVER",status="${status}",outcome="${outcome}"}`;
    expect(await replies()).toContain(`${of('ERROR', 'refused')} 0`);
    connection.command('DISCOVER');
    const command = await bench.workers.command(integrationId);
    await bench.workers.reply(command, { status: 'ERROR', errorDetails: 'no' });
    await connection.replyTo(connection.command('DISCOVER'));
    await eventually(async () => (await replies()).includes(`${of('ERROR', 'refused')} 1`));
    expect(await replies()).toContain(`${of('ERROR', 'delivered')} 1`);
    expect(await replies()).toContain(`${of('SUCCEEDED', 'delivered')} 0`);
  });

  it('is answered beside another that waits', async () => {
    const { connected, integrationId } = await bench.link();
    const connection = await connected();
    connection.command('DISCOVER');
    const id = connection.command('UNSUBSCRIBE', { subscription: { graviteeSubscriptionId: 's' } });
    const command = await bench.workers.command(integrationId, 'UNSUBSCRIBE');
    await bench.workers.reply(command, { status: 'SUCCEEDED', payload: { inline: {} } });
    expect(await connection.replyTo(id)).toMatchObject({ commandStatus: 'SUCCEEDED' });
  });

  it('of the channel is answered at once, one that we do not know or handle as the protocol says', async () => {
    const { connected } = await bench.link();
    const connection = await connected();
    expect(await connection.replyTo(connection.command('PRIMARY', { primary: true }))).toMatchObject({
      type: 'PRIMARY',
      commandStatus: 'SUCCEEDED',
      payload: {},
    });
    expect(await connection.replyTo(connection.command('HEALTH_CHECK'))).toMatchObject({
      commandStatus: 'SUCCEEDED',
      payload: { healthy: true },
    });
    expect(await connection.replyTo(connection.command('NO_SUCH_TYPE'))).toMatchObject({
      type: 'UNKNOWN',
      errorDetails: 'Command unknown',
    });
    expect(await connection.replyTo(connection.command('INGEST'))).toMatchObject({
      type: 'NO_REPLY',
      commandStatus: 'ERROR',
    });
  });

  it('whose payload fails its schema gets an ERROR that names the field, and the socket stays', async () => {
    const { connected, telemetry } = await bench.link();
    const connection = await connected();
    const bad = { apiId: 'a', subscription: { metadata: { a: 's3cret' } } };
    for (let time = 0; time < 2; time += 1) {
      const reply = await connection.replyTo(connection.command('SUBSCRIBE', bad));
      expect(reply.errorDetails).toBe(
        'the payload of SUBSCRIBE is not as expected: subscription.graviteeSubscriptionId',
      );
    }
    expect(
      await telemetry.registry.getSingleMetricAsString('federation_link_invalid_payloads_total'),
    ).toContain('type="SUBSCRIBE"} 2');
    const said = telemetry.lines().filter(({ cause }) => String(cause).startsWith('SUBSCRIBE'));
    expect(said).toHaveLength(1);
    expect(JSON.stringify(telemetry.lines())).not.toContain('s3cret');
  });

  it('too large for a message of the broker travels as a reference, there and back', async () => {
    const { connected, integrationId } = await bench.link();
    const connection = await connected();
    const apiIds = Array.from({ length: 10_000 }, (_, index) => `123456789012:eu-west-1:api${index}:prod`);
    const id = connection.command('START_INGEST', { ingestJobId: 'j', apiIds });
    const command = await bench.workers.command(integrationId);
    expect(command.payload).toHaveProperty('ref');
    const apis = apiIds.map((uniqueId) => ({
      uniqueId,
      id: uniqueId,
      name: ';;',
      version: '1',
    }));
    connection.command('DISCOVER', {}, 'large-discover');
    const discover = await bench.workers.command(integrationId, 'DISCOVER');
    const store = await openChunkStore(bench.broker, 'payloads');
    const json = Buffer.from(toFrameJson({ apis, isPartialDiscovery: false }));
    const payload = await toClaimOfJson(store, json);
    expect(payload).toHaveProperty('ref');
    expect(await bench.workers.reply(discover, { status: 'SUCCEEDED', payload })).toStrictEqual({
      outcome: 'delivered',
    });
    expect((await connection.replyTo('large-discover')).payload).toStrictEqual({
      apis,
      isPartialDiscovery: false,
    });
    await bench.workers.reply(command, { status: 'ERROR', errorDetails: 'no' });
    expect(await connection.replyTo(id)).toMatchObject({ errorDetails: 'no' });
  });

  it.each([
    ['a pair of semicolons', `{"apis":["${';;'.repeat(200_000)}"]}`],
    ['no object', `["${'a'.repeat(300_000)}"]`],
  ])('whose large answer is not fit for a frame, as it has %s, gets an ERROR instead', async (_why, text) => {
    const { connected, integrationId } = await bench.link();
    const connection = await connected();
    const store = await openChunkStore(bench.broker, 'payloads');
    const id = connection.command('DISCOVER', {});
    const discover = await bench.workers.command(integrationId, 'DISCOVER');
    const payload = await toClaimOfJson(store, Buffer.from(text));
    expect(await bench.workers.reply(discover, { status: 'SUCCEEDED', payload })).toMatchObject({
      outcome: 'refused',
    });
    expect((await connection.replyTo(id)).errorDetails).toContain('not of the form that APIM reads');
  });

  it('whose answer APIM could not read gets an ERROR instead', async () => {
    const { connected, integrationId } = await bench.link({ ws: { maxWebSocketMessageSize: 65_536 } });
    const connection = await connected();
    const first = connection.command('DISCOVER', {}, 'unreadable-1');
    const command = await bench.workers.command(integrationId);
    const payload = { inline: { apis: [{ uniqueId: 'a' }], isPartialDiscovery: false } };
    expect(await bench.workers.reply(command, { status: 'SUCCEEDED', payload })).toMatchObject({
      outcome: 'refused',
    });
    expect((await connection.replyTo(first)).errorDetails).toContain(
      'not of the form that APIM reads: apis.0.id',
    );

    const second = connection.command('SUBSCRIBE', subscribe);
    const next = await bench.workers.command(integrationId, 'SUBSCRIBE');
    const inline = {
      subscription: { ...key.payload.inline.subscription, metadata: { a: 'x'.repeat(70_000) } },
    };
    expect(await bench.workers.reply(next, { status: 'SUCCEEDED', payload: { inline } })).toMatchObject({
      outcome: 'refused',
    });
    expect((await connection.replyTo(second)).errorDetails).toMatch(
      /the answer has \d+ bytes, and APIM takes 65536/u,
    );
    await gateOf(second, 'refused');
  });

  it('of a link that is not this one is refused', async () => {
    const { connected, integrationId } = await bench.link();
    const connection = await connected();
    connection.command('DISCOVER');
    const command = await bench.workers.command(integrationId);
    expect(
      await bench.workers.reply({ ...command, commandId: 'other' }, { status: 'ERROR', errorDetails: 'x' }),
    ).toMatchObject({ outcome: 'refused' });
    const answer = await bench.broker.nc.request(bench.broker.subjects.linkReply(command.linkId), 'no json', {
      timeout: 2_000,
    });
    expect(answer.json()).toMatchObject({ outcome: 'refused' });
  });
});

describe('a SUBSCRIBE', () => {
  it('that succeeds has its gate delivered', async () => {
    const { connected, integrationId } = await bench.link();
    const connection = await connected();
    const id = connection.command('SUBSCRIBE', subscribe);
    const command = await bench.workers.command(integrationId);
    expect(await bench.workers.reply(command, key)).toStrictEqual({ outcome: 'delivered' });
    expect(await connection.replyTo(id)).toMatchObject({
      commandStatus: 'SUCCEEDED',
      payload: key.payload.inline,
    });
    expect(await gateOf(id, 'delivered')).toMatchObject({ by: command.linkId });
  });

  it('whose gate is void already gets an ERROR', async () => {
    const { connected, integrationId } = await bench.link();
    const connection = await connected();
    const id = connection.command('SUBSCRIBE', subscribe);
    await gates.create(subscriptionKeys.gate(id), { state: 'refused', by: 'sweeper', nonce: 'n', at: 1 });
    const command = await bench.workers.command(integrationId);
    expect(await bench.workers.reply(command, key)).toMatchObject({ outcome: 'refused' });
    expect(await connection.replyTo(id)).toMatchObject({ commandStatus: 'ERROR' });
    expect(await gates.get(subscriptionKeys.gate(id))).toMatchObject({
      value: { by: 'sweeper', state: 'refused' },
    });
  });

  it('that fails needs no gate', async () => {
    const { connected, integrationId } = await bench.link();
    const connection = await connected();
    const id = connection.command('SUBSCRIBE', subscribe);
    const command = await bench.workers.command(integrationId);
    expect(await bench.workers.reply(command, { status: 'ERROR', errorDetails: 'no plan' })).toStrictEqual({
      outcome: 'delivered',
    });
    expect(await connection.replyTo(id)).toMatchObject({ commandStatus: 'ERROR', errorDetails: 'no plan' });
    expect(await gates.get(subscriptionKeys.gate(id))).toBeUndefined();
  });

  it('whose socket is gone is refused, its gate void, and nothing is written on the next socket', async () => {
    const { connected, integrationId } = await bench.link();
    const connection = await connected();
    const id = connection.command('SUBSCRIBE', subscribe);
    const command = await bench.workers.command(integrationId);
    connection.tcp.resetAndDestroy();
    const next = await connected(1);
    expect(await bench.workers.reply(command, key)).toMatchObject({ outcome: 'refused' });
    await gateOf(id, 'refused');
    next.command('HEALTH_CHECK', {}, 'after');
    await next.replyTo('after');
    expect(next.frames.some((frame) => frame.kind === 'reply' && frame.reply.commandId === id)).toBe(false);
  });

  it('whose socket is cut between reply and pong is unconfirmed', async () => {
    const { connected, integrationId } = await bench.link();
    const connection = await connected();
    const id = connection.command('SUBSCRIBE', subscribe);
    const command = await bench.workers.command(integrationId);
    await connection.replyTo(connection.command('HEALTH_CHECK'));
    // The reply goes out on the last pong; the one behind it never comes.
    void connection.next('reply', ({ reply }) => reply.commandId === id).then(() => connection.tcp.destroy());
    connection.webSocket.removeAllListeners('ping');
    expect(await bench.workers.reply(command, key)).toMatchObject({ outcome: 'unconfirmed' });
    await gateOf(id, 'unconfirmed');
  });

  it('is written only to a peer that answers: no fresh pong, no key', async () => {
    const { connected, integrationId } = await bench.link({
      limits: { freshPong: 1, deadPeer: 10_000, pingInterval: 10_000 },
    });
    const connection = await connected();
    connection.pongs = false; // The first pong, if there was one, is older than 1 ms by the time of the reply.
    const id = connection.command('SUBSCRIBE', subscribe);
    const command = await bench.workers.command(integrationId);
    expect(await bench.workers.reply(command, key)).toMatchObject({
      outcome: 'refused',
      reason: 'the connection did not answer',
    });
    expect(await connection.replyTo(id)).toMatchObject({ commandStatus: 'ERROR' });
    await gateOf(id, 'refused');
  });
});
