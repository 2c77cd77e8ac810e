/**
 * `healthcheck` as the first argument of every program: asks the running process with the same configuration whether it
 * is ready. It serves the HEALTHCHECK of an image, which has no curl.
 */
import { request as plain } from 'node:http';
import { request as secure } from 'node:https';
import { parseArgs } from 'node:util';
import { ConfigurationError, describeError } from '@federation-agent/base';
import { loadHttpConfig } from '@federation-agent/configuration';

export interface HealthcheckOptions {
  /** The arguments after `healthcheck`: `--live`, `--config`. */
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
}

/** Shorter than the time-out of a HEALTHCHECK, so that our own reason is shown. */
const askMs = 3_000;

/** @returns whether the process is well, and a line that says so, or why not. @throws ConfigurationError */
export async function healthcheck({
  argv,
  env,
  cwd,
}: HealthcheckOptions): Promise<{ readonly well: boolean; readonly line: string }> {
  const { live, config } = readOptions(argv);
  const http = await loadHttpConfig({ argv: config.flatMap((file) => ['--config', file]), env, cwd });
  if (!http.enabled) return { well: true, line: 'services.core.http.enabled is false: nothing can be asked' };
  const path = live ? '/healthz' : '/readyz';
  const url = `${http.secured ? 'https' : 'http'}://${hostOf(http.host)}:${http.port}${path}`;
  try {
    const { status, body } = await ask(url);
    return { well: status === 200, line: `${url}: ${status}${status === 200 ? '' : ` ${body}`}` };
  } catch (error) {
    return { well: false, line: `${url}: ${describeError(error)}` };
  }
}

function readOptions(argv: readonly string[]): {
  readonly live: boolean;
  readonly config: readonly string[];
} {
  try {
    const { values } = parseArgs({
      args: [...argv],
      options: {
        live: { type: 'boolean', default: false },
        config: { type: 'string', short: 'c', multiple: true, default: [] },
      },
    });
    return values;
  } catch (error) {
    throw new ConfigurationError([describeError(error)]);
  }
}

/** The address at which to ask a process that listens on every address. */
function hostOf(host: string): string {
  if (host === '0.0.0.0') return '127.0.0.1';
  if (host === '::') return '[::1]';
  return host.includes(':') ? `[${host}]` : host;
}

function ask(url: string): Promise<{ readonly status: number; readonly body: string }> {
  return new Promise((resolve, reject) => {
    const signal = AbortSignal.timeout(askMs);
    // The certificate is the process's own, and the connection does not leave this machine.
    const request = url.startsWith('https:')
      ? secure(url, { signal, rejectUnauthorized: false })
      : plain(url, { signal });
    request.on('error', reject).on('response', (response) => {
      let body = '';
      response.setEncoding('utf8').on('data', (text: string) => (body += text));
      response.on('error', reject).on('end', () => resolve({ status: response.statusCode ?? 0, body }));
    });
    request.end();
  });
}
