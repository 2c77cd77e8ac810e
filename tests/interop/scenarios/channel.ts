import { readFile } from 'node:fs/promises';
import { setTimeout as pause } from 'node:timers/promises';
import { expect } from '@jest/globals';
import { limitsAt } from '@federation-agent/contracts';
import { eventually, playIn, startSocketRelay } from '../../support/index.ts';
import type { Channel, ControlEvent, Peers, SocketRelay, World } from '../../support/index.ts';
import { activeChannels, makeApis, now, untilActive, untilConnected, untilGone, withLink } from './steps.ts';

const main = 'integration-1';
const other = 'integration-2';
const unknown = 'nobody';
const timeScale = 40;
const limits = limitsAt(timeScale);

/** Longer than any quick reconnect at this scale: what is not there by then stays away. */
const QUIET_MS = 1_000;

const golden = (name: string): Promise<Buffer> =>
  readFile(new URL(`../apim-controller/golden/${name}`, import.meta.url));

/** The life of a channel: connect, refusals, GOOD_BYE, replicas, workers that are missing, commands nobody can read. */
export function channelScenarios(peers: Peers): void {
  const scenario = playIn(peers, {
    timeScale,
    integrations: [{ id: main }, { id: other, region: 'us-east-1' }, { id: unknown, region: 'us-east-1' }],
    unknown: [unknown],
    prepare: async (world) => {
      world.agent.startAll('gateway-link', { only: [main] });
      world.agent.startAll('subscription-manager');
      await makeApis(world, { count: 2, name: 'pets', plan: 'basic' });
      world.agent.startAll('aws-discovery');
      await untilConnected(world, main);
    },
  });

  scenario(
    'connects: channel active, PRIMARY answered, healthy; no WebSocket extension negotiated',
    async ({ apim, agent }) => {
      const events = await apim.events();
      const upgrade = events.find(({ kind }) => kind === 'upgrade');
      const headers = Object.entries(upgrade?.['headers'] as Record<string, string>);
      const offered = headers.map(([name]) => name.toLowerCase());
      expect(offered).not.toContain('sec-websocket-extensions');
      expect(offered).toContain('x-gravitee-exchange-protocol');
      const answered = await apim.untilEvent(({ kind, type }) => kind === 'reply' && type === 'PRIMARY');
      expect(answered).toMatchObject({ status: 'SUCCEEDED' });
      await apim.untilEvent(({ kind, type }) => kind === 'reply' && type === 'HEALTH_CHECK');
      expect((await activeChannels(apim, main)).filter(({ primary }) => primary)).toMatchObject([
        { healthy: true },
      ]);
      await agent.one('gateway-link').ready();
    },
  );

  scenario('wrong token: not connected, health says 401, tried again slowly', async (world) => {
    const { apim } = world;
    const since = await now(apim);
    await withLink(world, { only: [other], apim: { token: 'wrong' } }, async (link) => {
      expect(await link.untilHealth(/401/u)).toMatchObject({ status: 503 });
      const first = await apim.untilEvent(({ kind }) => kind === 'upgrade-refused', { since });
      const second = await apim.untilEvent(({ kind }) => kind === 'upgrade-refused', { since: first.seq });
      // A lost connection is tried again after a fraction of this.
      expect(second.atMs - first.atMs).toBeGreaterThan(limits.refusedRetry / 3);
      expect(await activeChannels(apim, other)).toEqual([]);
      expect(link.running()).toBe(true);
    });
  });

  scenario(
    'wrong integration: refused HELLO, closed, health says why; the other integration is connected',
    async (world) => {
      await throughRelay(world, async (relay) => {
        const { apim } = world;
        const since = await now(apim);
        const options = { only: [other, unknown], apim: { endpoint: relay.endpoint } };
        await withLink(world, options, async (link) => {
          const refused = await apim.untilEvent(
            ({ kind, target }) => kind === 'hello' && target === unknown,
            { since },
          );
          expect(refused).toMatchObject({ error: expect.stringMatching(/not found/u) });
          // Not the only one: a health round between an upgrade and its HELLO is a GOOD_BYE, which is closed with 1013.
          await eventually('the Close of a refusal', () => relay.closeCodes().includes(1000) || undefined);
          await link.untilHealth(/not found/u);
          await untilActive(apim, other);
          const again = await apim.untilEvent(({ kind, target }) => kind === 'hello' && target === unknown, {
            since: refused.seq,
          });
          expect(again.atMs - refused.atMs).toBeGreaterThan(limits.refusedRetry / 3);
        });
      });
    },
  );

  scenario('GOOD_BYE {reconnect: true}: closes with 1013 and is back', async (world) => {
    const { apim } = world;
    await withLink(world, { only: [other] }, async () => {
      const [before] = await untilActive(apim, other);
      const since = await now(apim);
      await apim.goodbye(other, { reconnect: true });
      const closed = await closeOf(apim, since);
      expect(closed).toMatchObject({ code: 1013, reason: expect.stringMatching(/GoodBye/u) });
      const [after] = await untilActive(apim, other);
      expect(after?.id).not.toBe(before?.id);
      expect(await apim.discover(other)).toMatchObject({ commandStatus: 'SUCCEEDED' });
    });
  });

  scenario(
    'GOOD_BYE {reconnect: false}: closes with 1000, stays away, the process lives and is not ready',
    async (world) => {
      const { apim } = world;
      await withLink(world, { only: [other] }, async (link) => {
        await untilActive(apim, other);
        const since = await now(apim);
        await apim.goodbye(other, { reconnect: false });
        expect(await closeOf(apim, since)).toMatchObject({ code: 1000 });
        expect(await link.untilHealth(/good.?bye/iu)).toMatchObject({ status: 503 });
        await staysAway(apim, since);
        expect(link.running()).toBe(true);
      });
    },
  );

  scenario('GOOD_BYE {reconnect: false} with autoReconnect: is back', async (world) => {
    const { apim } = world;
    const env = { gravitee_integration_connector_ws_autoReconnect: 'true' };
    await withLink(world, { only: [other], env }, async () => {
      await untilActive(apim, other);
      const since = await now(apim);
      await apim.goodbye(other, { reconnect: false });
      expect(await closeOf(apim, since)).toMatchObject({ code: 1000 });
      await untilActive(apim, other);
    });
  });

  scenario(
    'GOOD_BYE {reconnect: true} of a health round before the HELLO, or none: closes with 1013, or 1000, and is back',
    async (world) => {
      const code = (await hasEarlyGoodBye(world.apim)) ? 1013 : 1000;
      await throughRelay(world, async (relay) => {
        relay.muteNext();
        await withLink(world, { only: [other], apim: { endpoint: relay.endpoint } }, async () => {
          await untilClosed(relay, [code]);
          await untilActive(world.apim, other);
        });
      });
    },
  );

  scenario(
    'GOOD_BYE {reconnect: false} before the HELLO is answered: closes with 1000 and stays away',
    async (world) => {
      await throughRelay(world, async (relay) => {
        relay.muteNext();
        relay.greetNext(await golden('GOOD_BYE.command.reconnect-false.frame'));
        await withLink(world, { only: [other], apim: { endpoint: relay.endpoint } }, async (link) => {
          await untilClosed(relay, [1000]);
          const since = await now(world.apim);
          await link.untilHealth(/good.?bye/iu);
          await staysAway(world.apim, since);
        });
      });
    },
  );

  scenario('socket cut by FIN and by RST: back each time', async (world) => {
    const { apim } = world;
    for (const reset of [false, true]) {
      const before = idsOf(await untilConnected(world, main));
      await apim.drop(main, { reset });
      await eventually('other channels', async () => {
        const after = idsOf(await activeChannels(apim, main));
        return after.length > 0 && after.every((id) => !before.includes(id)) ? true : undefined;
      });
      await untilConnected(world, main);
      expect(await apim.discover(main)).toMatchObject({ commandStatus: 'SUCCEEDED' });
    }
  });

  scenario('two gateway-links on one integration, one leaves: commands go on', async (world) => {
    const { apim, agent } = world;
    const links = agent.replicas['gateway-link'];
    for (const signal of ['SIGTERM', 'SIGKILL'] as const) {
      agent.start('gateway-link', { only: [main] });
      await untilActive(apim, main, links + 1);
      expect(await apim.discover(main)).toMatchObject({ commandStatus: 'SUCCEEDED' });
      // The oldest leaves: most likely the one that commands go to.
      const code = await agent.one('gateway-link').end(signal);
      expect(code).toBe(signal === 'SIGTERM' ? 0 : 'SIGKILL');
      await untilConnected(world, main);
      expect(await apim.discover(main)).toMatchObject({ commandStatus: 'SUCCEEDED' });
    }
  });

  scenario('a worker kind missing: not connected, and health says which; then connected', async (world) => {
    const { apim, agent } = world;
    const link = agent.one('gateway-link');
    const before = await now(apim);
    const codes = await agent.endAll('subscription-manager', 'SIGTERM');
    expect(codes.every((code) => code === 0)).toBe(true);
    await untilGone(apim, main);
    await closeOf(apim, before);
    await link.untilHealth(/subscription/u);
    const since = await now(apim);
    const late = agent.start('gateway-link', { only: [main] });
    await late.untilHealth(/subscription/u);
    expect((await apim.events(since)).filter(({ kind }) => kind === 'upgrade')).toEqual([]);
    agent.startAll('subscription-manager');
    await untilActive(apim, main, agent.replicas['gateway-link'] + 1);
    await late.end('SIGTERM');
    await untilConnected(world, main);
    await link.ready();
  });

  scenario(
    'commands of an unknown type or with a payload that fails its schema: answered, the socket stays up',
    async (world) => {
      const { apim } = world;
      const before = idsOf(await untilConnected(world, main));
      const unknownType = await apim.command(main, { type: 'NO_SUCH_TYPE', payload: { a: 1 } });
      // The real controller makes an exception of the reply.
      expect(unknownType.errorDetails ?? unknownType.error).toContain('Command unknown');
      const wrong = [
        { type: 'START_INGEST', payload: { apiIds: 'all of them' } },
        { type: 'SUBSCRIBE', payload: { apiId: '', subscription: 'mine' } },
        { type: 'UNSUBSCRIBE', payload: {} },
      ];
      for (const command of wrong) {
        const answer = await apim.command(main, command);
        expect(answer).toMatchObject({ commandStatus: 'ERROR', errorDetails: expect.any(String) });
      }
      expect(await apim.discover(main)).toMatchObject({ commandStatus: 'SUCCEEDED' });
      expect(idsOf(await activeChannels(apim, main))).toEqual(before);
    },
  );

  scenario('garbage from the controller: logged, the socket stays up', async (world) => {
    await throughRelay(world, async (relay) => {
      const { apim } = world;
      await withLink(world, { only: [other], apim: { endpoint: relay.endpoint } }, async (link) => {
        const [before] = await untilActive(apim, other);
        const garbage = [
          'no frame at all',
          't:COMMAND;;et:DISCOVER;;e:{"id":"1","type":',
          't:COMMAND;;et:DISCOVER;;e:[]',
          't:REPLY;;et:INGEST;;e:{"commandId":"nobody waits for this","type":"INGEST","commandStatus":"SUCCEEDED"}',
          't:OTHER;;et:DISCOVER;;e:{}',
        ];
        for (const text of garbage) relay.inject(Buffer.from(text));
        relay.inject(Buffer.from([0xff, 0xfe, 0x00]));
        expect(await apim.discover(other)).toMatchObject({ commandStatus: 'SUCCEEDED' });
        expect((await activeChannels(apim, other))[0]?.id).toBe(before?.id);
        expect(link.log().filter(({ level }) => level === 40 || level === 'warn')).not.toEqual([]);
      });
    });
  });
}

const idsOf = (channels: readonly Channel[]): string[] => channels.map(({ id }) => id).sort();

const closeOf = (apim: World['apim'], since: number): Promise<ControlEvent> =>
  apim.untilEvent(({ kind }) => kind === 'channel-closed', { since });

/** Before 1.8.5 a health round leaves out a socket without HELLO: the link gives its HELLO up and dials again. */
async function hasEarlyGoodBye(apim: World['apim']): Promise<boolean> {
  const { exchangeVersion } = await apim.health();
  const [major = 0, minor = 0, patch = 0] = exchangeVersion.split('.').map(Number);
  return major > 1 || minor > 8 || (minor === 8 && patch >= 5);
}

/** Waits until links have closed with these codes, and no other. */
async function untilClosed(relay: SocketRelay, codes: readonly number[]): Promise<void> {
  await eventually('a Close', () => (relay.closeCodes().length >= codes.length ? true : undefined));
  expect(relay.closeCodes()).toEqual(codes);
}

async function staysAway(apim: World['apim'], since: number): Promise<void> {
  await pause(QUIET_MS);
  expect((await apim.events(since)).filter(({ kind }) => kind === 'upgrade')).toEqual([]);
}

async function throughRelay({ apim }: World, run: (relay: SocketRelay) => Promise<void>): Promise<void> {
  const relay = await startSocketRelay(apim.endpoint);
  try {
    await run(relay);
  } finally {
    await relay.stop();
  }
}
