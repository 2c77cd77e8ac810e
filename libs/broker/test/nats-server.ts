import { fileURLToPath } from 'node:url';
import { findNatsServer as find } from '../src/connection/find-nats-server.ts';

const checkout = fileURLToPath(new URL('../../../', import.meta.url));

let found: string | undefined;

/** The nats-server of this machine. A missing one is an error, never a skipped test. */
export function findNatsServer(): string {
  return (found ??= find(process.env, checkout));
}
