import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { realLimits } from '@federation-agent/contracts';
import {
  initialState,
  transition,
  type ChannelAction,
  type ChannelEvent,
  type ChannelSettings,
  type ChannelState,
} from './state.ts';

const settings: ChannelSettings = { limits: realLimits, endpoints: 2, autoReconnect: false, fraction: 0.5 };

/** Runs events from the start; the state at the end and what the last one did. */
function run(events: readonly ChannelEvent[], given = settings) {
  let state: ChannelState = initialState;
  let actions: readonly ChannelAction[] = [];
  for (const event of events) ({ state, actions } = transition(state, event, given));
  return { state, actions, doing: actions.map((action) => action.do).filter((what) => what !== 'report') };
}

const wanted: ChannelEvent = { kind: 'wanted' };
const opened: ChannelEvent = { kind: 'opened' };
const accepted: ChannelEvent = { kind: 'helloAccepted' };
const over: ChannelEvent = { kind: 'pauseOver' };
const unwell: ChannelEvent = { kind: 'unwanted', reason: 'no discovery worker' };
const closed = (code = 1000): ChannelEvent => ({ kind: 'closed', code, reason: '' });
const goodBye = (reconnect: boolean): ChannelEvent => ({ kind: 'goodBye', reconnect });
const toActive = [wanted, opened, accepted];
const pauseOf = (actions: readonly ChannelAction[]) =>
  actions.flatMap((action) => (action.do === 'pause' ? [action.ms] : []));

describe('the way up', () => {
  it('dials when the chain is well, says HELLO, is active when it is accepted', () => {
    expect(run([over]).doing).toStrictEqual([]);
    expect(run([wanted])).toMatchObject({ state: { phase: 'connecting' }, doing: ['dial'] });
    expect(run([wanted, opened])).toMatchObject({ state: { phase: 'greeting' }, doing: ['sayHello'] });
    expect(run(toActive)).toMatchObject({ state: { phase: 'active', reason: '' }, doing: ['accept'] });
  });

  it('backs off and takes the next endpoint after a failure, the first one after a success', () => {
    const failed: ChannelEvent = { kind: 'dialFailed', reason: 'ECONNREFUSED' };
    expect(run([wanted, failed])).toMatchObject({
      state: { phase: 'waiting', endpoint: 1, failures: 1, reason: 'ECONNREFUSED' },
    });
    expect(pauseOf(run([wanted, failed]).actions)).toStrictEqual([750]);
    expect(run([wanted, failed, over]).actions).toStrictEqual([{ do: 'dial', endpoint: 1 }]);
    expect(run([wanted, failed, over, opened, accepted]).state).toMatchObject({ endpoint: 0, failures: 0 });
  });

  it('gives a wrong token and a refused HELLO a minute, says so as an error, keeps the reason', () => {
    const unauthorized = run([wanted, { kind: 'dialFailed', reason: 'HTTP 401', status: 401 }]);
    expect(pauseOf(unauthorized.actions)).toStrictEqual([60_000]);
    expect(unauthorized.state.reason).toContain('401');
    expect(unauthorized.actions).toContainEqual(
      expect.objectContaining({ do: 'report', level: 'error', what: 'refused' }),
    );

    const refused = run([wanted, opened, { kind: 'helloRefused', details: 'Expected provider [x]' }]);
    expect(refused.actions).toContainEqual({ do: 'close', code: 1000, reason: '' });
    expect(refused.state.reason).toContain('Expected provider [x]');
    expect(pauseOf(transition(refused.state, closed(), settings).actions)).toStrictEqual([60_000]);
  });

  it('says what mends an Authorization header without bearer, and a path where nothing is', () => {
    const dialled = (status: number): string =>
      run([wanted, { kind: 'dialFailed', reason: `HTTP ${status}`, status }]).state.reason;
    expect(dialled(401)).toContain('bearer');
    expect(dialled(404)).toMatch(/^HTTP 404; check the path in integration\.connector\.ws\.endpoints/u);
    expect(dialled(502)).toBe('HTTP 502');
  });

  it('closes when HELLO is not answered', () => {
    const late = run([wanted, opened, { kind: 'helloOverdue' }]);
    expect(late.doing).toStrictEqual(['close']);
    expect(pauseOf(transition(late.state, closed(), settings).actions)).toStrictEqual([750]);
  });
});

describe('GOOD_BYE', () => {
  it.each([
    ['before the HELLO reply', [wanted, opened]],
    ['on an active channel', toActive],
  ])('%s: 1013 and back within a second, or 1000 and away for good', (_when, before) => {
    const back = run([...before, goodBye(true)]);
    expect(back.actions).toContainEqual({
      do: 'close',
      code: 1013,
      reason: 'GoodBye Command with reconnection requested.',
    });
    const [pause] = pauseOf(transition(back.state, closed(1013), settings).actions);
    expect(pause).toBeLessThan(1000);

    const away = run([...before, goodBye(false)]);
    expect(away.actions).toContainEqual({
      do: 'close',
      code: 1000,
      reason: 'GoodBye Command without reconnection.',
    });
    expect(run([...before, goodBye(false), closed(), over, wanted])).toMatchObject({
      state: { phase: 'waiting', ended: true },
      doing: [],
    });
  });

  it('is obeyed while the socket is being closed for another reason', () => {
    expect(run([...toActive, unwell, goodBye(false), closed(), wanted, over]).doing).toStrictEqual([]);
  });

  it('is no end with autoReconnect', () => {
    const auto = { ...settings, autoReconnect: true };
    expect(run([...toActive, goodBye(false), closed(), over], auto).doing).toStrictEqual(['dial']);
  });
});

describe('the way down', () => {
  it('closes with 1000 while the chain is not well, and dials at once when it is again', () => {
    expect(run([...toActive, unwell]).actions).toStrictEqual([{ do: 'close', code: 1000, reason: '' }]);
    const down = [...toActive, unwell, closed(), over];
    expect(run(down)).toMatchObject({
      state: { phase: 'waiting', reason: 'no discovery worker' },
      doing: [],
    });
    expect(run([...down, wanted]).doing).toStrictEqual(['dial']);
  });

  it('comes back after a lost connection and after a dead peer', () => {
    expect(pauseOf(run([...toActive, closed(1006)]).actions)).toStrictEqual([750]);
    expect(run([...toActive, { kind: 'peerDead' }]).doing).toStrictEqual(['terminate']);
    expect(run([...toActive, { kind: 'peerDead' }, closed(1006), over]).doing).toStrictEqual(['dial']);
  });

  it('gives a dial up that is no longer wanted', () => {
    expect(run([wanted, unwell])).toMatchObject({ state: { phase: 'closing' }, doing: ['terminate'] });
    expect(run([wanted, unwell, { kind: 'dialFailed', reason: 'x' }, over, wanted]).doing).toStrictEqual([
      'dial',
    ]);
  });
});

describe('in any order of events', () => {
  const event: fc.Arbitrary<ChannelEvent> = fc.oneof(
    ...[wanted, opened, accepted, over, unwell, closed(), closed(1006), goodBye(true), goodBye(false)].map(
      (one) => fc.constant(one),
    ),
    fc.constantFrom<ChannelEvent>(
      { kind: 'dialFailed', reason: 'x' },
      { kind: 'dialFailed', reason: 'x', status: 401 },
      { kind: 'helloRefused', details: 'x' },
      { kind: 'helloOverdue' },
      { kind: 'peerDead' },
    ),
  );

  it('has one dial at a time, dials only when wanted, and accepts only what was dialled', () => {
    fc.assert(
      fc.property(fc.array(event, { maxLength: 60 }), fc.boolean(), (events, autoReconnect) => {
        let state = initialState;
        let dialling = false;
        let open = false;
        let ended = false;
        for (const one of events) {
          // The caller reports the end of a dial once: dialFailed before it opened, closed after.
          const possible = { opened: dialling && !open, dialFailed: dialling && !open, closed: open };
          if (one.kind in possible && !possible[one.kind as keyof typeof possible]) continue;
          if (one.kind === 'opened') open = true;
          const step = transition(state, one, { ...settings, autoReconnect });
          if (one.kind === 'closed' || one.kind === 'dialFailed') dialling = open = false;
          for (const action of step.actions) {
            if (action.do === 'dial') {
              expect(dialling || ended).toBe(false);
              expect(step.state.wanted).toBe(true);
              dialling = true;
            }
            if (action.do === 'accept') expect(state.phase).toBe('greeting');
          }
          ended ||= step.state.ended;
          state = step.state;
          expect(state.phase === 'waiting').toBe(!dialling);
        }
      }),
    );
  });

  it('is never stuck: once well, with the socket ended and the pause over, it dials', () => {
    fc.assert(
      fc.property(fc.array(event, { maxLength: 40 }), (events) => {
        const auto = { ...settings, autoReconnect: true };
        let { state } = run(events, auto);
        const steps: ChannelEvent[] = [wanted, { kind: 'dialFailed', reason: 'x' }, closed(), over];
        for (const one of steps) {
          if (one.kind === 'closed' && state.phase === 'connecting') continue;
          ({ state } = transition(state, one, auto));
        }
        expect(state.phase).toBe('connecting');
      }),
    );
  });

  it('never dials after a stop', () => {
    fc.assert(
      fc.property(
        fc.array(event, { maxLength: 20 }),
        fc.array(event, { maxLength: 20 }),
        (before, behind) => {
          let { state } = run([...before, { kind: 'stop' }]);
          for (const one of behind) {
            const step = transition(state, one, settings);
            expect(step.actions.map((action) => action.do)).not.toContain('dial');
            ({ state } = step);
          }
        },
      ),
    );
  });
});
