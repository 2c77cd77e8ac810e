/** Finds a nats-server that serves: NATS_SERVER_BIN, else PATH, else `.tools/nats-server/`. Missing: an error, never a skip. */
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const tools = fileURLToPath(new URL('../../../../.tools/nats-server/', import.meta.url));
const fileName = process.platform === 'win32' ? 'nats-server.exe' : 'nats-server';

let found: string | undefined;

export function findNatsServer(): string {
  return (found ??= search());
}

function search(): string {
  const named = process.env['NATS_SERVER_BIN'];
  if (named) return named;
  const folders = (process.env['PATH'] ?? '').split(delimiter).filter(Boolean);
  const onPath = folders.map((folder) => join(folder, fileName));
  const fetched = existsSync(tools)
    ? readdirSync(tools).map((version) => join(tools, version, fileName))
    : [];
  const usable = [...onPath.filter(serves), ...fetched.filter(serves).sort(newestFirst)];
  const [best] = usable;
  if (best === undefined) {
    throw new Error(
      'no nats-server 2.10 or newer: run `node scripts/bootstrap/nats-server.mjs`, or set NATS_SERVER_BIN',
    );
  }
  return best;
}

function versionOf(path: string): readonly [number, number] {
  const text = execFileSync(path, ['--version'], { encoding: 'utf8' });
  const [, major = '0', minor = '0'] = /v(\d+)\.(\d+)/u.exec(text) ?? [];
  return [Number(major), Number(minor)];
}

function serves(path: string): boolean {
  if (!existsSync(path)) return false;
  const [major, minor] = versionOf(path);
  return major > 2 || (major === 2 && minor >= 10);
}

function newestFirst(a: string, b: string): number {
  const [one, two] = [versionOf(a), versionOf(b)];
  return two[0] - one[0] || two[1] - one[1];
}
