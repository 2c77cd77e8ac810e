/** APIM and the link in the model: commands in, replies out, gates, outcomes. */
import { commandTimeout, Violation, type ModelCommand, type World } from './world.ts';

/** APIM sends a command; the link reads it and publishes it. */
export function send(world: World, command: ModelCommand): void {
  world.apim.pending = command;
  if (command.keyId !== undefined) world.apim.unsubscribedKeys.push(command.keyId);
  world.link[command.id] = { command, socket: world.socket, phase: 'open' };
  world.queue.push({ command, deliveries: 0 });
}

/** A worker's reply reaches the link; the first one counts. For a SUCCEEDED SUBSCRIBE the link opens the gate first. */
export function replyFromWorker(world: World, command: ModelCommand, ok: boolean, keyId?: string): void {
  const held = world.link[command.id];
  if (held?.phase !== 'open') return;
  if (keyId === undefined) {
    write(world, command.id, ok);
    held.phase = 'done';
    return;
  }
  if (world.gates[command.id] !== undefined) {
    write(world, command.id, false);
    held.phase = 'done';
    return;
  }
  world.gates[command.id] = { state: 'writing', at: world.now };
  held.phase = 'gated';
  held.keyId = keyId;
}

/** Writes the frame to the socket that the command came in on. On a socket that is cut it is lost. */
export function write(world: World, commandId: string, ok: boolean, keyId?: string): void {
  const held = world.link[commandId];
  if (held === undefined) return;
  world.written[commandId] = (world.written[commandId] ?? 0) + 1;
  if (world.written[commandId] > 1) throw new Violation(`two replies to ${commandId}`);
  if (held.socket !== world.socket) return;
  world.wire.push({ commandId, ok, socket: held.socket, ...(keyId !== undefined && { keyId }) });
}

/** APIM reads the first frame on its socket, and answers the ping behind it. */
export function readFrame(world: World, stores: boolean): void {
  const frame = world.wire.shift();
  if (frame === undefined) return;
  const { apim } = world;
  const { pending } = apim;
  const held = world.link[frame.commandId];
  if (held) held.read = true;
  if (held?.phase === 'written') world.pongs.push({ commandId: frame.commandId, socket: frame.socket });
  if (pending?.id !== frame.commandId) return;
  delete apim.pending;
  if (!frame.ok) return;
  if (pending.type === 'UNSUBSCRIBE') {
    delete apim.holds;
    return;
  }
  if (frame.keyId === undefined) return;
  accept(world, frame.keyId, pending);
  if (stores) apim.holds = frame.keyId;
  else apim.lostKeys.push(frame.keyId);
}

function accept(world: World, keyId: string, command: ModelCommand): void {
  const key = world.keys.find((known) => known.keyId === keyId);
  // The key was deleted by hand, or its plan is gone, after that SUBSCRIBE was sent: nobody could know.
  if (world.unusableKeys.includes(`${keyId}@${command.id}`)) return;
  if (key?.enabled !== true || key.plan !== command.plan) {
    throw new Violation(`APIM accepts the key ${keyId}, which does not work`);
  }
}

/** The pong behind a reply proves that the controller has it. After its time-out the controller may have given up. */
export function pong(world: World): void {
  const first = world.pongs.shift();
  const held = first && world.link[first.commandId];
  if (first === undefined || held?.phase !== 'written') return;
  held.phase = 'done';
  const gate = world.gates[first.commandId];
  if (gate?.state !== 'writing') return;
  gate.state = world.now - held.command.sentAt < commandTimeout ? 'delivered' : 'unconfirmed';
}

/** The socket is cut. APIM fails its pending command at once, and connects again. */
export function cutSocket(world: World): void {
  world.wire = [];
  world.pongs = [];
  world.cut.push(world.socket);
  world.socket += 1;
  delete world.apim.pending;
}

/**
 * The link notices that the socket is gone. Before the gate, and between gate and frame, the reply was not written:
 * `refused`. After the frame the link cannot know, unless the frame is still in its own buffers (`buffered`); only an
 * unread frame can be there.
 */
export function noticeCut(world: World, socket: number, buffered: boolean): void {
  world.cut = world.cut.filter((known) => known !== socket);
  for (const held of Object.values(world.link).filter((known) => known.socket === socket)) {
    const { id, type } = held.command;
    const gate = world.gates[id];
    if (held.phase === 'open' && type === 'SUBSCRIBE' && gate === undefined) {
      world.gates[id] = { state: 'refused', at: world.now };
    }
    if (held.phase === 'gated' && gate?.state === 'writing') gate.state = 'refused';
    if (held.phase === 'written' && gate?.state === 'writing') {
      gate.state = buffered && held.read !== true ? 'refused' : 'unconfirmed';
    }
    held.phase = 'done';
  }
}
