/** Finds the nats-server program: in NATS_SERVER_BIN, on PATH, or in `.tools`, where the bootstrap puts it. */
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { FederationError } from '@federation-agent/base';
import { isRecentEnough } from './connect.ts';

/** No nats-server was found, or only one that is too old. */
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

const fileName = process.platform === 'win32' ? 'nats-server.exe' : 'nats-server';

/**
 * @param root the checkout, which has `.tools`
 * @returns the path of the first program that is recent enough
 * @throws NatsServerMissingError
 */
export function findNatsServer(env: Readonly<Record<string, string | undefined>>, root: string): string {
  const passedOver: string[] = [];
  for (const candidate of candidates(env, root)) {
    const version = versionOf(candidate);
    if (version !== undefined && isRecentEnough(version)) return candidate;
    if (version !== undefined)
      passedOver.push(`${candidate} is ${version}: too old, it undoes acknowledgements`);
    else if (candidate === env['NATS_SERVER_BIN'])
      passedOver.push(`${candidate}, which NATS_SERVER_BIN names, cannot be run`);
  }
  throw new NatsServerMissingError(passedOver);
}

function candidates(env: Readonly<Record<string, string | undefined>>, root: string): readonly string[] {
  const tools = join(root, '.tools', 'nats-server');
  const fetched = existsSync(tools) ? readdirSync(tools) : [];
  const folders = [
    ...(env['PATH'] ?? '').split(delimiter).filter(Boolean),
    ...fetched
      .toSorted((a, b) => b.localeCompare(a, 'en', { numeric: true }))
      .map((version) => join(tools, version)),
  ];
  return [
    ...(env['NATS_SERVER_BIN'] ? [env['NATS_SERVER_BIN']] : []),
    ...folders.map((folder) => join(folder, fileName)).filter((path) => existsSync(path)),
  ];
}

/** Such as `2.14.6`; undefined: the file is not a nats-server. */
function versionOf(path: string): string | undefined {
  try {
    const said = execFileSync(path, ['--version'], {
      encoding: 'utf8',
      timeout: 5_000,
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    return /v(\d+\.\d+[.\d]*)/u.exec(said)?.[1];
  } catch {
    return undefined;
  }
}
