/** Finds the nats-server binary: NATS_SERVER_BIN, PATH, or what the bootstrap fetched into `.tools`. */
import { execFile } from 'node:child_process';
import { readdir } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import { FederationError } from '@federation-agent/service-kit';

/** There is no nats-server, or only one that is too old. */
export class NatsServerMissingError extends FederationError {
  constructor(passedOver: readonly string[]) {
    super(
      [
        'no nats-server 2.10 or newer was found: run `npm start` once (it fetches one into the checkout), put one on PATH,',
        'name one in NATS_SERVER_BIN, or set NATS_URL to use a broker of your own',
        ...passedOver,
      ].join('\n'),
      { code: 'nats-server-missing', disposition: 'final' },
    );
  }
}

const run = promisify(execFile);

/** @returns the path of the first binary that is 2.10 or newer */
export async function findNatsServer(
  env: Readonly<Record<string, string | undefined>>,
  root: string,
): Promise<string> {
  const passedOver: string[] = [];
  for (const candidate of await candidates(env, root)) {
    const version = await versionOf(candidate);
    if (version === undefined) continue;
    if (version.major > 2 || (version.major === 2 && version.minor >= 10)) return candidate;
    passedOver.push(`${candidate} is ${version.major}.${version.minor}: too old, it undoes acknowledgements`);
  }
  throw new NatsServerMissingError(passedOver);
}

async function candidates(
  env: Readonly<Record<string, string | undefined>>,
  root: string,
): Promise<string[]> {
  const tools = join(root, '.tools', 'nats-server');
  const fetched = await readdir(tools).catch(() => []);
  return [
    ...(env['NATS_SERVER_BIN'] ? [env['NATS_SERVER_BIN']] : []),
    ...(env['PATH'] ?? '')
      .split(delimiter)
      .filter(Boolean)
      .map((folder) => join(folder, 'nats-server')),
    ...fetched
      .toSorted((a, b) => b.localeCompare(a, 'en', { numeric: true }))
      .map((version) => join(tools, version, 'nats-server')),
  ];
}

async function versionOf(path: string): Promise<{ major: number; minor: number } | undefined> {
  try {
    const { stdout } = await run(path, ['--version'], { timeout: 5_000 });
    const [, major, minor] = /v(\d+)\.(\d+)/u.exec(stdout) ?? [];
    return major && minor ? { major: Number(major), minor: Number(minor) } : undefined;
  } catch {
    return undefined;
  }
}
