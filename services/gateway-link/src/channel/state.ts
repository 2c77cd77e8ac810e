/**
 * The life of one integration's channel as a pure function: (state, event) -> (state, actions).
 *
 *     waiting -> connecting -> greeting -> active -> closing -> waiting
 *
 * In `waiting` the channel waits for the pause before the next dial, and for broker and workers: a socket is held only
 * while they work. Every dial ends in exactly one `dialFailed` or `closed`; the next dial waits for it.
 */
import { closeCodes, type Limits } from '@federation-agent/contracts';
import { backOff, goodByePause, nextEndpoint, refusedPause } from './back-off.ts';

type Phase = 'waiting' | 'connecting' | 'greeting' | 'active' | 'closing';

export interface ChannelState {
  readonly phase: Phase;
  /** Broker and workers work, and nobody asked us to stop. */
  readonly wanted: boolean;
  /** In `waiting`: the pause has ended. */
  readonly due: boolean;
  /** Never dial again: because of GOOD_BYE {reconnect: false}, or because the process stops. */
  readonly ended: boolean;
  /** Index of the endpoint of this dial, or of the next one. */
  readonly endpoint: number;
  /** Dials in a row that did not lead to an accepted HELLO. */
  readonly failures: number;
  /** In `closing`: milliseconds to wait after the end of the socket before the next dial. */
  readonly pauseAfter: number;
  /** Why the channel is not active, for health; empty while it is. */
  readonly reason: string;
}

export type ChannelEvent =
  | { readonly kind: 'wanted' }
  | { readonly kind: 'unwanted'; readonly reason: string }
  | { readonly kind: 'pauseOver' }
  | { readonly kind: 'dialFailed'; readonly reason: string; readonly status?: number | undefined }
  | { readonly kind: 'opened' }
  | { readonly kind: 'helloAccepted' }
  | { readonly kind: 'helloRefused'; readonly details: string }
  | { readonly kind: 'helloOverdue' }
  | { readonly kind: 'goodBye'; readonly reconnect: boolean }
  | { readonly kind: 'peerDead' }
  | { readonly kind: 'closed'; readonly code: number; readonly reason: string }
  | { readonly kind: 'stop' };

export type ChannelAction =
  | { readonly do: 'dial'; readonly endpoint: number }
  | { readonly do: 'sayHello' }
  | { readonly do: 'accept' }
  | { readonly do: 'close'; readonly code: number; readonly reason: string }
  | { readonly do: 'terminate' }
  | { readonly do: 'pause'; readonly ms: number }
  | {
      readonly do: 'report';
      readonly level: 'info' | 'warn' | 'error';
      /** `failed`: the dial did not lead to a connection. */
      readonly what?: 'connected' | 'refused' | 'closed' | 'failed';
      readonly text: string;
    };

/** What a transition needs besides the state. `fraction`: 0 <= x < 1, for jitter. */
export interface ChannelSettings {
  readonly limits: Limits;
  readonly endpoints: number;
  readonly autoReconnect: boolean;
  readonly fraction: number;
}

export interface ChannelStep {
  readonly state: ChannelState;
  readonly actions: readonly ChannelAction[];
}

/** Not wanted yet: the link first waits for an answer of every kind of worker. */
export const initialState: ChannelState = {
  phase: 'waiting',
  wanted: false,
  due: true,
  ended: false,
  endpoint: 0,
  failures: 0,
  pauseAfter: 0,
  reason: 'starting',
};

/** What to do about failures that need the console or an operator. */
const advice = {
  unauthorized:
    'APIM refused the upgrade with 401: check the Authorization header ("bearer" and the token, its user) and that the licence has federation',
  path: 'check the path in integration.connector.ws.endpoints: the server at that path is not the integration controller of APIM',
  hello:
    'APIM refused this integration: check integrationId, provider, organisation and permission of the token',
  ended:
    'APIM closed the connection with GOOD_BYE and does not want the agent back: restart it, or set autoReconnect',
} as const;

const silent = 'APIM answers no ping and sends nothing: the connection is dead';

/** One step. An event that the phase does not expect changes nothing. */
export function transition(state: ChannelState, event: ChannelEvent, settings: ChannelSettings): ChannelStep {
  switch (event.kind) {
    case 'wanted':
      return dialWhenDue({ ...state, wanted: true });
    case 'unwanted':
      return state.ended ? go({ ...state, wanted: false }) : leave({ ...state, wanted: false }, event.reason);
    case 'pauseOver':
      return dialWhenDue({ ...state, due: true });
    case 'dialFailed':
      return dialFailed(state, event, settings);
    case 'opened':
      return state.phase === 'connecting'
        ? go({ ...state, phase: 'greeting' }, { do: 'sayHello' })
        : go(state);
    case 'helloAccepted':
      return state.phase === 'greeting'
        ? go(
            { ...state, phase: 'active', failures: 0, endpoint: 0, reason: '' },
            { do: 'accept' },
            { do: 'report', level: 'info', what: 'connected', text: 'connected to APIM' },
          )
        : go(state);
    case 'helloRefused':
      return helloRefused(state, event.details, settings);
    case 'helloOverdue':
      return state.phase === 'greeting'
        ? close(failed(state, settings), closeCodes.normal, 'HELLO was not answered')
        : go(state);
    case 'goodBye':
      return goodBye(state, event.reconnect, settings);
    case 'peerDead':
      return holdsSocket(state)
        ? go(
            {
              ...state,
              phase: 'closing',
              pauseAfter: backOff(1, settings.limits, settings.fraction),
              reason: silent,
            },
            { do: 'terminate' },
            { do: 'report', level: 'warn', text: silent },
          )
        : go(state);
    case 'closed':
      return closed(state, event, settings);
    case 'stop':
      return leave({ ...state, wanted: false, ended: true }, 'shutting down');
  }
}

function go(state: ChannelState, ...actions: readonly ChannelAction[]): ChannelStep {
  return { state, actions };
}

function holdsSocket({ phase }: ChannelState): boolean {
  return phase === 'greeting' || phase === 'active';
}

function dialWhenDue(state: ChannelState): ChannelStep {
  if (state.phase !== 'waiting' || !state.wanted || !state.due || state.ended) return go(state);
  return go({ ...state, phase: 'connecting', due: false }, { do: 'dial', endpoint: state.endpoint });
}

/** Counts one more failure, and sets the pause and the endpoint for the next dial. */
function failed(state: ChannelState, { limits, fraction, endpoints }: ChannelSettings): ChannelState {
  const failures = state.failures + 1;
  return {
    ...state,
    failures,
    pauseAfter: backOff(failures, limits, fraction),
    endpoint: nextEndpoint(state.endpoint, endpoints),
  };
}

/** The socket is gone: wait for the pause, then dial. */
function wait(state: ChannelState, ...actions: readonly ChannelAction[]): ChannelStep {
  const waiting: ChannelState = { ...state, phase: 'waiting', due: false };
  return state.ended
    ? go(waiting, ...actions)
    : go(waiting, ...actions, { do: 'pause', ms: state.pauseAfter });
}

function close(
  state: ChannelState,
  { code, reason }: { readonly code: number; readonly reason: string },
  why: string,
  ...reports: readonly ChannelAction[]
): ChannelStep {
  return go({ ...state, phase: 'closing', reason: why }, { do: 'close', code, reason }, ...reports);
}

/** Broker or workers do not work, or the process stops: close the socket in any phase. */
function leave(state: ChannelState, reason: string): ChannelStep {
  const left: ChannelState = { ...state, reason };
  if (state.phase === 'connecting') {
    return go({ ...left, phase: 'closing', pauseAfter: 0 }, { do: 'terminate' });
  }
  return holdsSocket(state) ? close({ ...left, pauseAfter: 0 }, closeCodes.normal, reason) : go(left);
}

function dialFailed(
  state: ChannelState,
  { reason, status }: { readonly reason: string; readonly status?: number | undefined },
  settings: ChannelSettings,
): ChannelStep {
  if (state.phase === 'closing') return wait(state);
  if (state.phase !== 'connecting') return go(state);
  const after = failed(state, settings);
  if (status === 401) {
    const pauseAfter = refusedPause(settings.limits, settings.fraction);
    return wait(
      { ...after, pauseAfter, reason: advice.unauthorized },
      { do: 'report', level: 'error', what: 'refused', text: advice.unauthorized },
    );
  }
  const said = status === 404 ? `${reason}; ${advice.path}` : reason;
  return wait(
    { ...after, reason: said },
    {
      do: 'report',
      level: 'warn',
      what: 'failed',
      text: `APIM cannot be reached (integration.connector.ws.endpoints): ${said}`,
    },
  );
}

function helloRefused(state: ChannelState, details: string, settings: ChannelSettings): ChannelStep {
  if (state.phase !== 'greeting') return go(state);
  const text = `${advice.hello}: ${details}`;
  const pauseAfter = refusedPause(settings.limits, settings.fraction);
  return close({ ...failed(state, settings), pauseAfter }, closeCodes.normal, text, {
    do: 'report',
    level: 'error',
    what: 'refused',
    text,
  });
}

function goodBye(state: ChannelState, reconnect: boolean, settings: ChannelSettings): ChannelStep {
  const { limits, fraction, autoReconnect } = settings;
  const ended = state.ended || (!reconnect && !autoReconnect);
  const report: ChannelAction = ended
    ? { do: 'report', level: 'error', text: advice.ended }
    : { do: 'report', level: 'info', text: 'APIM closed the connection with GOOD_BYE; the agent reconnects' };
  const pauseAfter = reconnect ? goodByePause(limits, fraction) : backOff(1, limits, fraction);
  const reason = ended ? advice.ended : 'APIM said good-bye';
  if (state.phase === 'closing')
    return ended === state.ended ? go(state) : go({ ...state, ended, reason }, report);
  if (!holdsSocket(state)) return go(state);
  const code = reconnect ? closeCodes.goodByeReconnect : closeCodes.goodBye;
  return close({ ...state, ended, pauseAfter }, code, reason, report);
}

function closed(
  state: ChannelState,
  { code, reason }: { readonly code: number; readonly reason: string },
  settings: ChannelSettings,
): ChannelStep {
  const how = `${code}${reason ? ` ${reason}` : ''}`;
  switch (state.phase) {
    case 'closing':
      return wait(state, {
        do: 'report',
        level: 'info',
        what: 'closed',
        text: `closed (${how}): ${state.reason}`,
      });
    case 'active': {
      const pauseAfter = backOff(1, settings.limits, settings.fraction);
      return wait(
        { ...state, pauseAfter, reason: `the connection was lost (${how})` },
        { do: 'report', level: 'warn', what: 'closed', text: `the connection to APIM was lost (${how})` },
      );
    }
    case 'greeting':
      return wait(
        { ...failed(state, settings), reason: `closed before HELLO was answered (${how})` },
        {
          do: 'report',
          level: 'warn',
          what: 'failed',
          text: `APIM closed before it answered HELLO (${how})`,
        },
      );
    case 'connecting':
    case 'waiting':
      return go(state);
  }
}
