import { fileURLToPath } from 'node:url';
import { findNatsServer as find } from '../src/connection/find-nats-server.ts';

const checkout = fileURLToPath(new URL('../../../', import.meta.url));

let found: string | undefined;

/** The nats-server of this machine. Missing: an error, never a skip. */
export function findNatsServer(): string {
  return (found ??= find(process.env, checkout));
}
