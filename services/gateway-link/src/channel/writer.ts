/**
 * Writes messages as binary frames of a limited size. The controller ends the connection with a bare FIN when a frame
 * is above 65,536 bytes, and `ws` sends a message as one frame. So this cuts messages into fragments. Fragments of two
 * messages never mix; a ping may go between fragments.
 */
import { setTimeout } from 'node:timers/promises';
import type { WebSocket } from 'ws';

export interface Writer {
  /**
   * Writes one message behind those before it.
   *
   * @param afterLast called right behind the last fragment, before anything else can be written
   * @returns whether the end of the message was handed to the operating system; false: it certainly never left, since
   *   the socket ended while the end of the message was still in our own buffers
   */
  write(message: Uint8Array, afterLast?: () => void): Promise<boolean>;
}

export function createWriter(socket: WebSocket, frameBytes: number): Writer {
  let turn: Promise<unknown> = Promise.resolve();
  return {
    write: (message, afterLast) => {
      const written = turn.then(() => writeFragments(socket, message, frameBytes, afterLast));
      turn = written;
      return written;
    },
  };
}

/** Waits for each fragment to leave before the next one: that gives back-pressure. */
async function writeFragments(
  socket: WebSocket,
  message: Uint8Array,
  frameBytes: number,
  afterLast?: () => void,
): Promise<boolean> {
  for (let offset = 0; ; offset += frameBytes) {
    await emptied(socket);
    if (socket.readyState !== socket.OPEN) return false;
    const fin = offset + frameBytes >= message.length;
    const left = sendFragment(socket, message.subarray(offset, offset + frameBytes), fin);
    if (fin) afterLast?.();
    if (!(await left)) return false;
    if (fin) return true;
  }
}

/**
 * Waits until nothing else, such as a ping or a pong, is still being written. Node joins writes that wait for each
 * other. If our write were joined with a later ping, an error would not tell which of the two the operating system
 * took.
 */
async function emptied(socket: WebSocket): Promise<void> {
  while (socket.readyState === socket.OPEN && socket.bufferedAmount > 0) await setTimeout(2);
}

/**
 * Node calls back with an error only for bytes that the operating system did not take. A write that was under way when
 * the socket was destroyed is called back without error. So `false` is certain, and doubtful cases read as `true`.
 */
function sendFragment(socket: WebSocket, fragment: Uint8Array, fin: boolean): Promise<boolean> {
  return new Promise((resolve) => {
    socket.send(fragment, { binary: true, compress: false, fin }, (error) => resolve(!error));
  });
}
