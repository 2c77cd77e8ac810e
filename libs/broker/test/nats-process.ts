/** A nats-server of a test as a process. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { createConnection, createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { killOnExit } from '@federation-agent/base/test';

/**
 * Starts nats-server with this configuration, written to `<folder>/nats.conf`. A test process that dies ends its server
 * too.
 */
export function launchNats(binary: string, folder: string, config: string): ChildProcess {
  const file = join(folder, 'nats.conf');
  writeFileSync(file, config);
  const child = spawn(binary, ['-c', file, '--ports_file_dir', folder], { stdio: 'ignore' });
  killOnExit(child);
  return child;
}

export async function endNats(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill(signal);
  await once(child, 'exit');
}

/** Resolves when something accepts connections on this port of loopback. */
export async function reachable(port: number): Promise<void> {
  for (;;) {
    const socket = createConnection(port, '127.0.0.1');
    const open = await new Promise<boolean>((resolve) => {
      socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
    });
    socket.destroy();
    if (open) return;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

/**
 * Ports that nobody has now, for servers that must know each other's port before they start. Other servers choose their
 * own.
 */
export async function freePorts(count: number): Promise<number[]> {
  const servers = Array.from({ length: count }, () => createServer().listen(0, '127.0.0.1'));
  await Promise.all(servers.map((server) => once(server, 'listening')));
  const ports = servers.map((server) => (server.address() as AddressInfo).port);
  await Promise.all(servers.map((server) => once(server.close(), 'close')));
  return ports;
}
