import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  DeadLetter,
  failed,
  messageIds,
  succeeded,
  type Api,
  type Command,
  type IngestBatch,
} from '@federation-agent/contracts';
import { eventually } from '@federation-agent/base/test';
import { openChunkStore, publish, toClaim } from '@federation-agent/broker';
import { acceptAll, type FakeConnection, type Script } from '../../test/fake-controller.ts';
import { startWorkbench, type Workbench } from '../../test/workbench.ts';

let bench: Workbench;
beforeAll(async () => {
  bench = await startWorkbench();
});
afterAll(() => bench.stop());

const api = (uniqueId: string, content = ''): Api => ({
  uniqueId,
  id: uniqueId,
  name: uniqueId,
  version: '1',
  description: '',
  connectionDetails: {},
  type: 'PROXY',
  pages: content === '' ? [] : [{ pageType: 'SWAGGER', content, filename: 'openapi.json' }],
  plans: [],
  metadata: [],
});

/** A job's batches, the last one `done`, on INGEST. */
async function ingest(integrationId: string, ...batches: readonly unknown[][]): Promise<string> {
  const ingestJobId = randomUUID();
  const store = await openChunkStore(bench.broker, 'payloads');
  for (const [batch, apis] of [...batches, []].entries()) {
    const done = batch === batches.length;
    const message: IngestBatch = {
      integrationId,
      ingestJobId,
      batch,
      apis: await toClaim(store, apis),
      done,
    };
    const id = messageIds.batch(integrationId, ingestJobId, batch);
    await publish(bench.broker, bench.broker.subjects.ingest(integrationId), message, {
      id,
      until: Date.now() + 5_000,
    });
  }
  return ingestJobId;
}

const idsIn = ({ payload }: Command) => (payload['apis'] as Api[]).map(({ uniqueId }) => uniqueId).join(' ');
const isDone = ({ payload, type }: Command) => type === 'INGEST' && payload['done'] === true;
/** The INGEST commands up to `done`, as the ids in each. */
async function untilDone(connection: FakeConnection): Promise<string[]> {
  await connection.next('command', ({ command }) => isDone(command));
  return connection.frames.flatMap((frame) =>
    frame.kind === 'command' && frame.command.type === 'INGEST'
      ? [isDone(frame.command) ? 'done' : idsIn(frame.command)]
      : [],
  );
}
/** The next dead letter of INGEST. */
async function nextDeadLetter(work: () => Promise<unknown>): Promise<DeadLetter> {
  const found = Promise.withResolvers<DeadLetter>();
  const watching = bench.broker.nc.subscribe(bench.broker.subjects.dead('INGEST'), {
    callback: (_error, message) => found.resolve(DeadLetter.parse(message.json())),
  });
  await work();
  return found.promise.finally(() => watching.unsubscribe());
}
/** Accepts all but INGEST messages that hold one of these ids. */
const refusing =
  (...refused: string[]): Script =>
  (command, connection) =>
    command.type === 'INGEST' &&
    idsIn(command)
      .split(' ')
      .some((id) => refused.includes(id))
      ? failed(command.id, 'INGEST', 'database says no')
      : acceptAll(command, connection);

describe('the pump', () => {
  it('sends the batches in order, one at a time, and done last', async () => {
    let open = 0;
    let most = 0;
    const { connected, integrationId } = await bench.link({
      script: (command, connection) => {
        if (command.type !== 'INGEST') return acceptAll(command, connection);
        open += 1;
        most = Math.max(most, open);
        setTimeout(() => {
          open -= 1;
          connection.send(
            Buffer.from(`t:REPLY;;et:INGEST;;e:${JSON.stringify(succeeded(command.id, 'INGEST'))}`),
          );
        }, 20);
        return undefined;
      },
    });
    const connection = await connected();
    await ingest(
      integrationId,
      ...Array.from({ length: 10 }, (_, index) => [api(`a${index}`), api(`b${index}`)]),
    );
    expect(await untilDone(connection)).toStrictEqual([
      ...Array.from({ length: 10 }, (_, index) => `a${index} b${index}`),
      'done',
    ]);
    expect(most).toBe(1);
  });

  it('leaves the commands alone while an INGEST waits for its answer', async () => {
    const { connected, integrationId } = await bench.link({
      script: (command, connection) =>
        command.type === 'INGEST' ? undefined : acceptAll(command, connection),
    });
    const connection = await connected();
    await ingest(integrationId, [api('a')]);
    await connection.next('command', ({ command }) => command.type === 'INGEST');
    const id = connection.command('UNSUBSCRIBE', { subscription: { graviteeSubscriptionId: 's' } });
    const command = await bench.workers.command(integrationId);
    expect(
      await bench.workers.reply(command, { status: 'SUCCEEDED', payload: { inline: {} } }),
    ).toStrictEqual({ outcome: 'delivered' });
    expect(await connection.replyTo(id)).toMatchObject({ commandStatus: 'SUCCEEDED' });
  });

  it('halves a refused batch; the one that is refused alone is named in the log, in health and in a dead letter, and done comes', async () => {
    const { connected, integrationId, telemetry, health } = await bench.link({ script: refusing('b') });
    const connection = await connected();
    const letter = await nextDeadLetter(() =>
      ingest(integrationId, [api('a'), api('b'), api('c'), api('d')], [api('e')]),
    );
    expect(letter).toMatchObject({ stream: 'INGEST', reason: 'database says no' });
    expect(JSON.parse(letter.data)).toMatchObject({ integrationId, api: { uniqueId: 'b' } });
    expect(await untilDone(connection)).toStrictEqual(['a b c d', 'a b', 'a', 'c d', 'b', 'e', 'done']);
    expect(telemetry.lines()).toContainEqual(
      expect.objectContaining({ uniqueId: 'b', reason: 'database says no', fix: expect.any(String) }),
    );
    expect(health.report().components[`ingest:${integrationId}`]).toMatchObject({
      status: 'degraded',
      detail: expect.stringContaining('b: database says no'),
    });
    expect(
      await telemetry.registry.getSingleMetricAsString('federation_link_undeliverable_apis_total'),
    ).toContain('} 1');
  });

  it('throws nothing away while APIM takes nothing, and goes on in order when it does again', async () => {
    let away = true;
    let refused = 0;
    const { connected, integrationId, telemetry, health } = await bench.link({
      limits: { ingestRetryCap: 100 },
      script: (command, connection) => {
        if (command.type !== 'INGEST' || !away) return acceptAll(command, connection);
        refused += 1;
        if (refused > 12) away = false;
        return failed(command.id, 'INGEST', 'Unable to acquire JDBC Connection');
      },
    });
    const shown = () => health.report().components[`ingest:${integrationId}`];
    const connection = await connected();
    await ingest(integrationId, [api('a'), api('b'), api('c')], [api('d')]);
    await eventually(() => shown()?.status === 'degraded');
    expect(shown()?.detail).toMatch(/^APIM takes nothing of an ingest: Unable to acquire/u);
    expect(await untilDone(connection)).toStrictEqual([
      ...['a b c', 'a b', 'a', 'b c', ...Array<string>(9).fill('')],
      ...['', 'a b c', 'd', 'done'],
    ]);
    expect(shown()).toBeUndefined();
    expect(telemetry.lines().filter(({ msg }) => /did not take/u.test(String(msg)))).toStrictEqual([]);
  });

  it('repeats a batch that is not answered within the time-out', async () => {
    let asked = 0;
    const { connected, integrationId } = await bench.link({
      limits: { commandTimeout: 200 },
      script: (command, connection) =>
        command.type === 'INGEST' && (asked += 1) === 1 ? undefined : acceptAll(command, connection),
    });
    const connection = await connected();
    await ingest(integrationId, [api('a')]);
    // Without an API, it only asks whether APIM is there.
    expect(await untilDone(connection)).toStrictEqual(['a', '', 'a', 'done']);
  });

  it('keeps what APIM could not read from leaving', async () => {
    const { connected, integrationId } = await bench.link();
    const connection = await connected();
    const letter = await nextDeadLetter(() =>
      ingest(integrationId, [api('a'), { ...api('b'), type: 'NOVEL' }]),
    );
    expect(letter.reason).toBe('not of the form that APIM reads: type');
    expect(await untilDone(connection)).toStrictEqual(['a', 'done']);
  });

  it('cuts a batch at the largest message, and leaves out a document that no message holds', async () => {
    const { connected, integrationId, telemetry } = await bench.link({
      ws: { maxWebSocketMessageSize: 65_536 },
    });
    const connection = await connected();
    const half = 'x'.repeat(40_000);
    await ingest(integrationId, [api('a', half), api('b', half), api('big', 'x'.repeat(70_000)), api('c')]);
    expect(await untilDone(connection)).toStrictEqual(['a', 'b big c', 'done']);
    expect(Math.max(...connection.raw.map(({ bytes }) => bytes))).toBeLessThanOrEqual(65_536);
    expect(telemetry.lines().some(({ trimmed }) => JSON.stringify(trimmed) === '["big"]')).toBe(true);
  });

  it('goes on where it was after the socket was cut in the middle', async () => {
    let asked = 0;
    const { connected, integrationId } = await bench.link({
      script: (command, connection) => {
        if (command.type !== 'INGEST' || (asked += 1) !== 3) return acceptAll(command, connection);
        connection.tcp.resetAndDestroy();
        return undefined;
      },
    });
    await connected();
    await ingest(integrationId, ...['a', 'b', 'c', 'd', 'e'].map((id) => [api(id)]));
    expect(await untilDone(await connected(1))).toStrictEqual(['c', 'd', 'e', 'done']);
  });

  it('begins a refused batch anew after the socket was cut in the middle of it, and names the culprit once', async () => {
    let asked = 0;
    const refuse = refusing('c');
    const { connected, integrationId, telemetry } = await bench.link({
      script: (command, connection) => {
        if (command.type !== 'INGEST' || (asked += 1) !== 3) return refuse(command, connection);
        connection.tcp.resetAndDestroy();
        return undefined;
      },
    });
    await connected();
    await nextDeadLetter(() =>
      ingest(
        integrationId,
        ['a', 'b', 'c', 'd'].map((id) => api(id)),
        [api('e')],
      ),
    );
    expect(await untilDone(await connected(1))).toStrictEqual([
      ...['a b c d', 'a b', 'c', 'd', 'c'],
      ...['e', 'done'],
    ]);
    const named = telemetry.lines().filter(({ msg }) => /did not take/u.test(String(msg)));
    expect(named.map(({ uniqueId }) => uniqueId)).toStrictEqual(['c']);
  });

  it('is not held up by the integration beside it', async () => {
    const { controller, integrationIds } = await bench.link({ integrations: 2, script: refusing('poison') });
    const [one = '', two = ''] = integrationIds;
    const of = async (id: string) => {
      const pair = [await controller.connection(0), await controller.connection(1)];
      for (const connection of pair) {
        const { command } = await connection.next('command');
        if (command.payload['targetId'] === id) return connection;
      }
      throw new Error('no such connection');
    };
    const silent = await of(one);
    controller.script = (command, connection) =>
      connection === silent && command.type === 'INGEST' ? undefined : acceptAll(command, connection);
    await ingest(one, [api('a')]);
    await silent.next('command', ({ command }) => command.type === 'INGEST');
    await ingest(two, [api('x')], [api('y')]);
    expect(await untilDone(await of(two))).toStrictEqual(['x', 'y', 'done']);
  });

  it('pulls nothing without an accepted socket', async () => {
    const { controller, connected, integrationId } = await bench.link({
      limits: { refusedRetry: 300 },
      script: ({ id, type }) => failed(id, type, 'no'),
    });
    await (
      await connected()
    ).closed;
    await ingest(integrationId, [api('a')]);
    controller.script = acceptAll;
    for (let index = 1; ; index += 1) {
      const connection = await connected(index);
      const { frames } = connection;
      const closed = connection.closed.then(() => undefined);
      const sent = await Promise.race([untilDone(connection), closed]);
      if (sent === undefined) {
        expect(
          frames.filter((frame) => frame.kind === 'command' && frame.command.type === 'INGEST'),
        ).toHaveLength(0);
        continue;
      }
      expect(sent).toStrictEqual(['a', 'done']);
      return;
    }
  });
});
