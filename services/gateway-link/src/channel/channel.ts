/**
 * The channel of one integration: dials, sends HELLO, keeps the socket alive and reconnects. The decisions are in
 * state.ts.
 */
import {
  encodeCommand,
  GoodByePayload,
  provider,
  type Command,
  type Limits,
  type ParsedFrame,
  type WebSocketConfig,
} from '@federation-agent/contracts';
import type { Clock, Randomness } from '@federation-agent/base';
import type { ProxyRoute } from '@federation-agent/net';
import { dial, shownEndpoint } from './dial.ts';
import { openLinkSocket, type LinkSocket } from './link-socket.ts';
import {
  initialState,
  transition,
  type ChannelAction,
  type ChannelEvent,
  type ChannelState,
} from './state.ts';

/** What the outside sees of a channel. */
export interface ChannelView {
  readonly phase: ChannelState['phase'];
  readonly ended: boolean;
  /** Without secrets. */
  readonly endpoint: string;
  readonly reason: string;
  /** Epoch ms of the last change of phase. */
  readonly since: number;
}

export interface Channel {
  view(): ChannelView;
  /** Whether to hold a socket; if not, why. */
  want(wanted: boolean, reason: string): void;
  /**
   * Uses other headers from the next dial on. A channel that waits, perhaps because the old headers were refused, dials
   * at once.
   */
  renew(config: WebSocketConfig): void;
  /** Closes with 1000 and stays closed. Resolves when the socket is gone. */
  stop(): Promise<void>;
}

export interface ChannelOptions {
  readonly integrationId: string;
  readonly config: WebSocketConfig;
  readonly limits: Limits;
  /** Absent: no proxy. */
  readonly proxy?: ProxyRoute | undefined;
  readonly clock: Clock;
  readonly random: Randomness;
  /** HELLO was accepted. */
  readonly onActive: (socket: LinkSocket) => void;
  /** That socket is gone. */
  readonly onInactive: (socket: LinkSocket) => void;
  /** Called for every frame except the HELLO reply and GOOD_BYE. `active`: HELLO was accepted. */
  readonly onFrame: (frame: ParsedFrame, socket: LinkSocket, active: boolean) => void;
  readonly onReport: (report: Extract<ChannelAction, { do: 'report' }>, view: ChannelView) => void;
  readonly onView: (view: ChannelView) => void;
}

export function openChannel(options: ChannelOptions): Channel {
  const { integrationId, limits, clock, random } = options;
  let { config } = options;
  /** `renew` was called after the current dial began. */
  let renewed = false;
  let state = initialState;
  let since = clock.now();
  let endpoint = 0;
  let socket: LinkSocket | undefined;
  let cancelDial = (): void => undefined;
  let helloId: string | undefined;
  let timer: NodeJS.Timeout | undefined;
  const stopped = Promise.withResolvers<undefined>();

  const view = (): ChannelView => ({
    phase: state.phase,
    ended: state.ended,
    endpoint: shownEndpoint(config.endpoints[endpoint] ?? 'ws://none'),
    reason: state.reason,
    since,
  });

  const handle = (event: ChannelEvent): void => {
    const before = state;
    const step = transition(state, event, {
      limits,
      endpoints: config.endpoints.length,
      autoReconnect: config.autoReconnect,
      fraction: random.fraction(),
    });
    state = step.state;
    if (state.phase !== before.phase) since = clock.now();
    for (const action of step.actions) perform(action, event);
    if (state.phase !== before.phase || state.reason !== before.reason) options.onView(view());
    if (state.phase === 'active') renewed = false;
    if (renewed && state.phase === 'waiting') dialAnew();
    if (state.ended && !state.wanted && state.phase === 'waiting') stopped.resolve(undefined);
  };

  const dialAnew = (): void => {
    renewed = false;
    clearTimeout(timer);
    handle({ kind: 'pauseOver' });
  };

  const after = (ms: number, event: ChannelEvent): void => {
    clearTimeout(timer);
    timer = setTimeout(() => handle(event), ms);
  };

  const perform = (action: ChannelAction, event: ChannelEvent): void => {
    switch (action.do) {
      case 'dial':
        endpoint = action.endpoint;
        startDial();
        return;
      case 'sayHello':
        sayHello();
        return;
      case 'accept':
        clearTimeout(timer);
        socket?.keepAlive();
        if (socket) options.onActive(socket);
        return;
      case 'close':
        clearTimeout(timer);
        // The controller asked us to leave: what is not proven by now counts as unconfirmed.
        socket?.close(action.code, action.reason, { proofless: event.kind === 'goodBye' });
        return;
      case 'terminate':
        clearTimeout(timer);
        if (socket) socket.terminate();
        else cancelDial();
        return;
      case 'pause':
        after(action.ms, { kind: 'pauseOver' });
        return;
      case 'report':
        options.onReport(action, view());
    }
  };

  const startDial = (): void => {
    const dialled = dial({
      endpoint: config.endpoints[endpoint] ?? '',
      config,
      limits,
      proxy: options.proxy,
      onOpen: (webSocket) => {
        const opened = openLinkSocket({
          id: random.uuid(),
          endpoint: view().endpoint,
          socket: webSocket,
          frameBytes: config.maxWebSocketFrameSize,
          limits,
          clock,
          onFrame,
          onDead: () => handle({ kind: 'peerDead' }),
          onClosed: (code, reason) => {
            socket = undefined;
            helloId = undefined;
            options.onInactive(opened);
            handle({ kind: 'closed', code, reason });
          },
        });
        socket = opened;
        // The dial was cancelled in the same moment.
        if (state.phase === 'closing') opened.terminate();
        handle({ kind: 'opened' });
      },
      onFailed: (reason, status) => handle({ kind: 'dialFailed', reason, status }),
    });
    cancelDial = () => dialled.cancel();
  };

  const sayHello = (): void => {
    const hello: Command = {
      id: random.uuid(),
      type: 'HELLO',
      payload: { targetId: integrationId, provider },
    };
    helloId = hello.id;
    after(limits.helloTimeout, { kind: 'helloOverdue' });
    void socket?.write(encodeCommand(hello));
  };

  const onFrame = (frame: ParsedFrame, from: LinkSocket): void => {
    if (frame.kind === 'command' && frame.command.type === 'GOOD_BYE') {
      handle({ kind: 'goodBye', reconnect: wantsUsBack(frame.command) });
    } else if (frame.kind === 'reply' && frame.reply.commandId === helloId) {
      const { commandStatus, errorDetails } = frame.reply;
      if (commandStatus === 'SUCCEEDED') handle({ kind: 'helloAccepted' });
      else handle({ kind: 'helloRefused', details: errorDetails ?? 'without a reason' });
    } else {
      options.onFrame(frame, from, state.phase === 'active');
    }
  };

  return {
    view,
    want: (wanted, reason) => handle(wanted ? { kind: 'wanted' } : { kind: 'unwanted', reason }),
    renew: (other) => {
      config = other;
      if (state.phase === 'waiting') dialAnew();
      else renewed = state.phase !== 'active';
    },
    stop: async () => {
      clearTimeout(timer);
      handle({ kind: 'stop' });
      await stopped.promise;
    },
  };
}

/** A GOOD_BYE that cannot be read does not keep the agent away for good. */
function wantsUsBack({ payload }: Command): boolean {
  const parsed = GoodByePayload.safeParse(payload);
  return parsed.success ? parsed.data.reconnect : true;
}
