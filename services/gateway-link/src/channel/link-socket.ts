/** One open WebSocket to APIM: frames in, messages out, and what happened to them. */
import type { RawData, WebSocket } from 'ws';
import {
  parseFrame,
  type Limits,
  type ParsedFrame,
  type Reply,
  type ReplyOutcome,
} from '@federation-agent/contracts';
import type { Clock } from '@federation-agent/base';
import { createHeartbeat } from './heartbeat.ts';
import { createWriter } from './writer.ts';

/** The answer to a command of ours, or why there is none. */
export type Answer =
  | { readonly kind: 'reply'; readonly reply: Reply }
  | { readonly kind: 'unanswered' }
  | { readonly kind: 'closed' };

export interface LinkSocket {
  /** New for each socket. A reply goes back on the socket that its command came in on. */
  readonly id: string;
  readonly endpoint: string;
  /** Aborted when the socket is gone or about to be closed: nothing can be written any more. */
  readonly gone: AbortSignal;
  /** Writes a message that needs no receipt. Returns whether it left. */
  write(message: Uint8Array): Promise<boolean>;
  /**
   * Writes the bytes of a message and a ping behind it, then waits for proof or for the end of the socket: `delivered`
   * is proven, `unconfirmed` left without proof, `refused` certainly never left.
   */
  sendConfirmed(message: Uint8Array): Promise<ReplyOutcome['outcome']>;
  /** Writes the bytes of the command with this id and waits for its reply. */
  request(commandId: string, message: Uint8Array, timeoutMs: number): Promise<Answer>;
  /**
   * Whether the peer answered a ping within `freshPong`. If not, it is pinged once more, and this waits `waitMs` for
   * the pong.
   */
  fresh(waitMs: number): Promise<boolean>;
  /** Starts the pings. */
  keepAlive(): void;
  /** Sends Close. The socket ends when the peer has echoed it, or after `closeTimeout`. */
  close(code: number, reason: string, options?: { readonly proofless?: boolean }): void;
  terminate(): void;
}

export interface LinkSocketOptions {
  readonly id: string;
  readonly endpoint: string;
  readonly socket: WebSocket;
  readonly frameBytes: number;
  readonly limits: Limits;
  readonly clock: Clock;
  readonly onFrame: (frame: ParsedFrame, socket: LinkSocket) => void;
  readonly onDead: () => void;
  readonly onClosed: (code: number, reason: string) => void;
}

export function openLinkSocket(options: LinkSocketOptions): LinkSocket {
  const { id, endpoint, socket, frameBytes, limits, clock, onFrame, onDead, onClosed } = options;
  const writer = createWriter(socket, frameBytes);
  const heartbeat = createHeartbeat({ socket, limits, clock, onDead });
  const gone = new AbortController();
  const asked = new Map<string, { readonly mark: number; readonly resolve: (answer: Answer) => void }>();
  let ownClose: { readonly code: number } | undefined;
  let closeTimer: NodeJS.Timeout | undefined;

  const end = (): void => {
    gone.abort();
    for (const { resolve } of asked.values()) resolve({ kind: 'closed' });
    asked.clear();
    heartbeat.stop();
  };
  const answered = (reply: Reply): boolean => {
    const question = asked.get(reply.commandId);
    if (question === undefined) return false;
    heartbeat.proven(question.mark);
    asked.delete(reply.commandId);
    question.resolve({ kind: 'reply', reply });
    return true;
  };

  const link: LinkSocket = {
    id,
    endpoint,
    gone: gone.signal,
    write: (message) => writer.write(message),
    sendConfirmed: async (message) => {
      let proof: Promise<boolean> | undefined;
      const left = await writer.write(message, () => {
        proof = heartbeat.confirm();
      });
      if (await proof) return 'delivered';
      return left ? 'unconfirmed' : 'refused';
    },
    request: async (commandId, message, timeoutMs) => {
      const waiting = new AbortController();
      const answer = new Promise<Answer>((resolve) => {
        if (gone.signal.aborted) resolve({ kind: 'closed' });
        else asked.set(commandId, { mark: heartbeat.mark(), resolve });
      });
      await writer.write(message);
      const late = clock.sleep(timeoutMs, waiting.signal).then((): Answer => ({ kind: 'unanswered' }));
      const first = await Promise.race([answer, late]);
      waiting.abort();
      asked.delete(commandId);
      return first;
    },
    fresh: async (waitMs) => {
      if (gone.signal.aborted) return false;
      if (heartbeat.fresh()) return true;
      const waiting = new AbortController();
      const proven = await Promise.race([
        heartbeat.confirm(),
        clock.sleep(waitMs, waiting.signal).then(() => false),
      ]);
      waiting.abort();
      return proven;
    },
    keepAlive: () => heartbeat.start(),
    close: (code, reason, { proofless = false } = {}) => {
      if (ownClose !== undefined) return;
      ownClose = { code };
      gone.abort();
      if (proofless) heartbeat.stop();
      socket.close(code, reason);
      closeTimer = setTimeout(() => socket.terminate(), limits.closeTimeout);
    },
    terminate: () => socket.terminate(),
  };

  socket.on('message', (data, isBinary) => {
    heartbeat.heard();
    const frame: ParsedFrame = isBinary
      ? parseFrame(toBytes(data))
      : { kind: 'unreadable', reason: 'a text frame' };
    if (isBinary && toBytes(data).length === 0) return;
    if (frame.kind === 'reply' && answered(frame.reply)) return;
    onFrame(frame, link);
  });
  socket.on('error', () => undefined); // A close event with its code follows.
  socket.once('close', (code, reason) => {
    clearTimeout(closeTimer);
    // The echo of our own Close proves that the peer has read everything before it.
    if (ownClose?.code === code) heartbeat.proven(Number.POSITIVE_INFINITY);
    end();
    onClosed(code, reason.toString('utf8'));
  });
  return link;
}

function toBytes(data: RawData): Buffer {
  if (Buffer.isBuffer(data)) return data;
  return Array.isArray(data) ? Buffer.concat(data) : Buffer.from(data);
}
