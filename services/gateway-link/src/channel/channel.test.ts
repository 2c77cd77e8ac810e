import { afterEach, describe, expect, it } from '@jest/globals';
import {
  AgentConfig,
  encodeCommand,
  encodeReply,
  limitsAt,
  succeeded,
  type Limits,
  type ParsedFrame,
} from '@federation-agent/contracts';
import { systemClock, systemRandomness } from '@federation-agent/base';
import {
  acceptAll,
  refuseHello,
  startFakeController,
  type FakeController,
  type Script,
} from '../../test/fake-controller.ts';
import { opcodes } from '../../test/raw-frames.ts';
import { openChannel, type Channel } from './channel.ts';
import type { LinkSocket } from './link-socket.ts';

const ending: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const end of ending.splice(0).reverse()) await end();
});

const limits = limitsAt(20);

async function controllerWith(script: Script = acceptAll): Promise<FakeController> {
  const controller = await startFakeController(script);
  ending.push(() => controller.stop());
  return controller;
}

interface Started {
  readonly channel: Channel;
  readonly sockets: LinkSocket[];
  readonly reports: string[];
  readonly frames: ParsedFrame[];
  readonly active: (count: number) => Promise<LinkSocket>;
  readonly inactive: (count: number) => Promise<void>;
  /** Resolves when the channel says so. */
  readonly said: (text: RegExp) => Promise<string>;
}

function start(endpoints: readonly string[], options: { limits?: Limits; ws?: object } = {}): Started {
  const sockets: LinkSocket[] = [];
  const reports: string[] = [];
  const frames: ParsedFrame[] = [];
  let gone = 0;
  const checks = new Set<() => void>();
  const until = <T>(look: () => T | undefined): Promise<T> =>
    new Promise((resolve) => {
      const check = (): void => {
        const found = look();
        if (found === undefined) return;
        checks.delete(check);
        resolve(found);
      };
      checks.add(check);
      check();
    });
  const changed = (): void => {
    for (const check of checks) check();
  };
  const config = AgentConfig.parse({
    integration: {
      connector: {
        ws: { endpoints, headers: [{ name: 'Authorization', value: 'bearer t' }], ...options.ws },
      },
    },
  }).integration.connector.ws;
  const channel = openChannel({
    integrationId: 'int-1',
    config,
    limits: options.limits ?? limits,
    clock: systemClock,
    random: { ...systemRandomness, fraction: () => 0 },
    onActive: (socket) => {
      sockets.push(socket);
      changed();
    },
    onInactive: () => {
      gone += 1;
      changed();
    },
    onFrame: (frame) => void frames.push(frame),
    onReport: ({ level, text }) => {
      reports.push(`${level}: ${text}`);
      changed();
    },
    onView: () => undefined,
  });
  ending.push(() => channel.stop());
  channel.want(true, '');
  return {
    channel,
    sockets,
    reports,
    frames,
    active: (count) => until(() => sockets[count - 1]),
    inactive: (count) => until(() => (gone >= count ? true : undefined)).then(() => undefined),
    said: (text) => until(() => reports.find((report) => text.test(report))),
  };
}

describe('connecting', () => {
  it('upgrades with the headers, without any extension, and says HELLO', async () => {
    const controller = await controllerWith();
    const { active, channel } = start([`${controller.endpoint}/`]);
    await active(1);
    const connection = await controller.connection(0);
    const { command } = await connection.next('command');
    expect(command).toMatchObject({
      type: 'HELLO',
      payload: { targetId: 'int-1', provider: 'aws-api-gateway' },
    });
    expect(connection.request.url).toBe('/exchange/controller');
    expect(connection.request.headers).toMatchObject({
      'x-gravitee-exchange-protocol': 'v1',
      authorization: 'bearer t',
    });
    expect(connection.request.headers['sec-websocket-extensions']).toBeUndefined();
    expect(connection.webSocket.extensions).toBe('');
    expect(connection.raw[0]).toMatchObject({ opcode: opcodes.binary, fin: true });
    expect(channel.view()).toMatchObject({ phase: 'active', reason: '', endpoint: controller.endpoint });
  });

  it('takes the next endpoint when one is down, and the first one after a success', async () => {
    const [first, second] = [await controllerWith(), await controllerWith()];
    first.refuseWith = 503;
    const { active, inactive } = start([first.endpoint, second.endpoint]);
    await active(1);
    expect([first.refusals, second.connections.length]).toStrictEqual([[503], 1]);
    first.refuseWith = undefined;
    (await second.connection(0)).tcp.destroy();
    await inactive(1);
    await active(2);
    expect(first.connections).toHaveLength(1);
  });

  it('says a wrong token loudly, keeps the reason, and tries again slowly', async () => {
    const controller = await controllerWith();
    controller.refuseWith = 401;
    const { said, active, channel, reports } = start([controller.endpoint]);
    expect(await said(/401/u)).toMatch(/^error: .*Authorization/u);
    expect(channel.view()).toMatchObject({
      phase: 'waiting',
      ended: false,
      reason: expect.stringContaining('401'),
    });
    controller.refuseWith = undefined;
    await active(1);
    expect(controller.refusals).toStrictEqual([401]);
    expect(reports.filter((report) => report.startsWith('error'))).toHaveLength(1);
  });

  it('closes at once when HELLO is refused, with the reason, and tries again slowly', async () => {
    const controller = await controllerWith(refuseHello);
    const { said, active, channel } = start([controller.endpoint]);
    expect(await said(/does not match/u)).toMatch(/^error: /u);
    expect(await (await controller.connection(0)).closed).toStrictEqual({ code: 1000, reason: '' });
    expect(channel.view().reason).toContain('does not match');
    controller.script = acceptAll;
    await active(1);
  });

  it('closes when HELLO is not answered', async () => {
    const controller = await controllerWith(() => undefined);
    const { active } = start([controller.endpoint], { limits: { ...limits, helloTimeout: 50 } });
    expect((await (await controller.connection(0)).closed).code).toBe(1000);
    controller.script = acceptAll;
    await active(1);
  });

  it('is not fooled by a header that HTTP does not allow', async () => {
    const controller = await controllerWith();
    const { said } = start([controller.endpoint], {
      ws: { headers: [{ name: 'Authorization', value: 'a\nb' }] },
    });
    expect(await said(/cannot be reached/u)).toContain('Invalid character in header content');
  });
});

describe('GOOD_BYE', () => {
  const goodBye = (reconnect: boolean) =>
    encodeCommand({ id: 'g', type: 'GOOD_BYE', payload: { reconnect } });
  const onHello =
    (reconnect: boolean): Script =>
    (command, connection) => {
      connection.send(goodBye(reconnect));
      return acceptAll(command, connection);
    };

  it('before HELLO is answered: 1013, and back', async () => {
    const controller = await controllerWith(onHello(true));
    const { active } = start([controller.endpoint]);
    const first = await controller.connection(0);
    expect(await first.closed).toStrictEqual({
      code: 1013,
      reason: 'GoodBye Command with reconnection requested.',
    });
    controller.script = acceptAll;
    await active(1);
    expect(first.frames.filter(({ kind }) => kind === 'reply')).toHaveLength(0);
  });

  it('before HELLO is answered, for good: 1000, and away', async () => {
    const controller = await controllerWith(onHello(false));
    const { said, channel } = start([controller.endpoint]);
    expect(await said(/does not want the agent back/u)).toMatch(/^error: /u);
    expect(await (await controller.connection(0)).closed).toStrictEqual({
      code: 1000,
      reason: 'GoodBye Command without reconnection.',
    });
    await said(/^info: closed/u);
    channel.want(false, 'x');
    channel.want(true, '');
    expect(channel.view()).toMatchObject({
      phase: 'waiting',
      ended: true,
      reason: expect.stringContaining('autoReconnect'),
    });
  });

  it('on an active channel: 1013, and back; 1000, and back with autoReconnect', async () => {
    const controller = await controllerWith();
    const { active } = start([controller.endpoint], { ws: { autoReconnect: true } });
    await active(1);
    const [first] = controller.connections;
    first?.send(goodBye(true));
    expect((await first?.closed)?.code).toBe(1013);
    await active(2);
    controller.connections[1]?.send(goodBye(false));
    expect((await controller.connections[1]?.closed)?.code).toBe(1000);
    await active(3);
  });
});

describe('a connection', () => {
  it('that answers no ping and sends nothing is dead', async () => {
    const controller = await controllerWith();
    const { active, said } = start([controller.endpoint]);
    await active(1);
    const [first] = controller.connections;
    if (first) first.pongs = false;
    await said(/answers no ping/u);
    expect((await first?.closed)?.code).toBe(1006);
    await active(2);
  });

  it('survives text, garbage and empty messages', async () => {
    const controller = await controllerWith();
    const { active, frames } = start([controller.endpoint]);
    const socket = await active(1);
    const connection = await controller.connection(0);
    connection.send('t:COMMAND;;et:DISCOVER;;e:{}');
    connection.send(Buffer.from('garbage'));
    connection.send(Buffer.alloc(0));
    connection.send(Buffer.from('t:COMMAND;;et:X;;e:{"id":'));
    expect(await socket.sendConfirmed(encodeReply(succeeded('1', 'X')))).toBe('delivered');
    expect(frames.map((frame) => (frame.kind === 'unreadable' ? frame.reason : frame.kind))).toStrictEqual([
      'a text frame',
      'not of the form t:..;;et:..;;e:..',
      'the JSON of this X does not parse',
    ]);
  });

  it('writes 3 MB in frames of 65,536 bytes, one message at a time, with pings between', async () => {
    const controller = await controllerWith();
    const { active } = start([controller.endpoint], { limits: { ...limits, pingInterval: 1 } });
    const socket = await active(1);
    const connection = await controller.connection(0);
    connection.raw.length = 0;
    const large = encodeReply(succeeded('large', 'DISCOVER', { text: 'é'.repeat(1_500_000) }));
    connection.tcp.pause(); // The peer stands still: what is written has to wait.
    const sent = Promise.all([
      socket.sendConfirmed(large),
      socket.sendConfirmed(encodeReply(succeeded('small', 'X'))),
      socket.sendConfirmed(large),
    ]);
    setTimeout(() => connection.tcp.resume(), 50);
    expect(await sent).toStrictEqual(['delivered', 'delivered', 'delivered']);
    const replies = connection.frames
      .filter((frame) => frame.kind === 'reply')
      .map(({ reply }) => reply.commandId);
    expect(replies).toStrictEqual(['large', 'small', 'large']);
    const data = connection.raw.filter(({ opcode }) => opcode <= opcodes.binary);
    expect(Math.max(...data.map(({ bytes }) => bytes))).toBe(65_536);
    expect(data.length).toBe(2 * Math.ceil(large.length / 65_536) + 1);
    const firstEnd = connection.raw.findIndex(({ opcode, fin }) => opcode === opcodes.continuation && fin);
    expect(connection.raw.slice(0, firstEnd).some(({ opcode }) => opcode === opcodes.ping)).toBe(true);
  });

  it('tells what was delivered, what is unconfirmed, and what never left', async () => {
    const controller = await controllerWith();
    const { active } = start([controller.endpoint]);
    const socket = await active(1);
    const connection = await controller.connection(0);
    expect(await socket.sendConfirmed(encodeReply(succeeded('a', 'X')))).toBe('delivered');
    connection.pongs = false;
    const unconfirmed = socket.sendConfirmed(encodeReply(succeeded('b', 'X')));
    await connection.replyTo('b');
    connection.tcp.pause();
    // More than the buffers of two kernels hold, so its end stays in our own buffers.
    const stuck = socket.sendConfirmed(Buffer.alloc(64 * 1024 * 1024));
    const behind = socket.sendConfirmed(encodeReply(succeeded('c', 'X')));
    connection.tcp.resetAndDestroy();
    expect(await Promise.all([unconfirmed, stuck, behind])).toStrictEqual([
      'unconfirmed',
      'refused',
      'refused',
    ]);
    expect(await socket.sendConfirmed(Buffer.from('x'))).toBe('refused');
  });

  it('takes the answer to a later command, and the echo of its own Close, as proof', async () => {
    const controller = await controllerWith();
    const { active, channel } = start([controller.endpoint]);
    const socket = await active(1);
    const connection = await controller.connection(0);
    connection.pongs = false;
    const first = socket.sendConfirmed(encodeReply(succeeded('a', 'X')));
    await connection.replyTo('a');
    const command = encodeCommand({ id: 'i', type: 'INGEST', payload: {} });
    expect(await socket.request('i', command, 5_000)).toMatchObject({ kind: 'reply' });
    expect(await first).toBe('delivered');
    const second = socket.sendConfirmed(encodeReply(succeeded('b', 'X')));
    await connection.replyTo('b');
    await channel.stop();
    expect(await second).toBe('delivered');
  });

  it('takes the pong of an earlier ping as no proof, that of a later one as proof', async () => {
    const controller = await controllerWith();
    const { active } = start([controller.endpoint], { limits: { ...limits, pingInterval: 10_000 } });
    const socket = await active(1);
    const connection = await controller.connection(0);
    connection.pongs = false;
    // The first ping follows HELLO; those of a, b and c are the next three.
    const pinged = new Promise((resolve) => {
      connection.webSocket.on('ping', (data) => {
        if (data.toString() === '4') resolve(undefined);
      });
    });
    const sent = ['a', 'b', 'c'].map((id) => socket.sendConfirmed(encodeReply(succeeded(id, 'X'))));
    await pinged;
    connection.webSocket.pong('3'); // The one of b: a peer may answer only the latest.
    expect(await Promise.all(sent.slice(0, 2))).toStrictEqual(['delivered', 'delivered']);
    connection.webSocket.pong('');
    connection.webSocket.pong('99');
    connection.tcp.end();
    expect(await sent[2]).toBe('unconfirmed');
  });

  it.each([
    [
      'its GOOD_BYE',
      (send: (bytes: Buffer) => void) =>
        send(encodeCommand({ id: 'g', type: 'GOOD_BYE', payload: { reconnect: true } })),
    ],
    ['its Close', undefined],
  ])('takes %s as no proof', async (_what, goodBye) => {
    const controller = await controllerWith();
    const { active } = start([controller.endpoint]);
    const socket = await active(1);
    const connection = await controller.connection(0);
    connection.pongs = false;
    const sent = socket.sendConfirmed(encodeReply(succeeded('a', 'X')));
    await connection.replyTo('a');
    if (goodBye) goodBye((bytes) => connection.send(bytes));
    else connection.webSocket.close(1000);
    expect(await sent).toBe('unconfirmed');
  });
});

describe('while it is not wanted', () => {
  it('closes with 1000 and comes back when it is', async () => {
    const controller = await controllerWith();
    const { active, inactive, channel } = start([controller.endpoint]);
    await active(1);
    channel.want(false, 'no discovery worker');
    expect((await (await controller.connection(0)).closed).code).toBe(1000);
    await inactive(1);
    expect(channel.view()).toMatchObject({ phase: 'waiting', reason: 'no discovery worker' });
    channel.want(true, '');
    await active(2);
  });

  it('ends a socket whose peer does not echo the Close', async () => {
    const controller = await controllerWith();
    const { active, channel } = start([controller.endpoint]);
    await active(1);
    (await controller.connection(0)).tcp.pause();
    await channel.stop();
    expect(channel.view().phase).toBe('waiting');
  });
});
