/**
 * Whether an agent runs with this configuration: its health answers, or its data folder is held. This only asks: it
 * takes no channel, lock or port.
 */
import { get as getHttp } from 'node:http';
import { get as getHttps } from 'node:https';
import type { AgentConfig } from '@federation-agent/contracts';
import { z } from 'zod';
import { dataFolderHolder } from '@federation-agent/embedded-broker';
import type { CheckResult } from './result.ts';

export interface RunningAgent {
  readonly running: boolean;
  /** Who holds the data folder of the embedded broker. */
  readonly folderHolder: string | undefined;
  readonly result: CheckResult;
}

const answerMs = 2_000;
const largestAnswer = 1_000_000;

/** The body of `/readyz`. */
const Report = z.object({
  ready: z.boolean(),
  components: z.record(z.string(), z.object({ status: z.string(), detail: z.string().optional() })),
});
type Report = z.infer<typeof Report>;

export async function findRunningAgent(config: AgentConfig): Promise<RunningAgent> {
  const { port, enabled } = config.services.core.http;
  const url = healthUrl(config);
  const [answer, folderHolder] = await Promise.all([
    enabled && port !== 0 ? ask(url) : ({ kind: 'nobody' } as const),
    config.federation.broker.url === undefined ? dataFolderHolder(config.federation.dataDir) : undefined,
  ]);
  const found = (running: boolean, result: Omit<CheckResult, 'check' | 'subject'>): RunningAgent => ({
    running,
    folderHolder,
    result: { check: 'agent', subject: '', ...result },
  });
  if (answer.kind === 'agent') return found(true, runs(answer.report, url));
  if (folderHolder !== undefined) {
    const detail = `one runs (${folderHolder} holds the data folder); nothing below disturbs it`;
    return found(true, { status: 'ok', detail });
  }
  if (answer.kind === 'another')
    return found(false, {
      status: 'failed',
      detail: `port ${port} is in use by a program that is not an agent: ${url} ${answer.said}`,
      fix: 'set services.core.http.port to a free port, or stop the program that listens there: the agent serves its health on this port',
    });
  return found(false, { status: 'ok', detail: 'no agent seems to run here' });
}

function healthUrl({ services }: AgentConfig): string {
  const { host, port, secured } = services.core.http;
  // An agent that listens on all addresses is asked on loopback.
  const there = host === '0.0.0.0' ? '127.0.0.1' : host === '::' ? '::1' : host;
  return `${secured ? 'https' : 'http'}://${there.includes(':') ? `[${there}]` : there}:${port}/readyz`;
}

function runs({ ready, components }: Report, url: string): Omit<CheckResult, 'check' | 'subject'> {
  if (ready)
    return { status: 'ok', detail: 'an agent runs here and is ready; the checks below do not disturb it' };
  return {
    status: 'note',
    detail: 'an agent runs here and is not ready; the checks below do not disturb it',
    lines: Object.entries(components)
      .filter(([, { status }]) => status !== 'up')
      .map(
        ([name, { status, detail }]) => `${name} is ${status}${detail === undefined ? '' : `: ${detail}`}`,
      ),
    fix: `a check that fails below may be the reason; what the agent itself reports: curl ${url.startsWith('https') ? '-k ' : ''}${url}`,
  };
}

type Answer =
  | { readonly kind: 'nobody' }
  | { readonly kind: 'agent'; readonly report: Report }
  | { readonly kind: 'another'; readonly said: string };

function ask(url: string): Promise<Answer> {
  // The agent's own certificate is not checked here.
  const options = { rejectUnauthorized: false, agent: false as const };
  return new Promise((resolve) => {
    const asked = url.startsWith('https') ? getHttps(url, options) : getHttp(url, options);
    const late = setTimeout(() => {
      resolve({ kind: 'another', said: `does not answer in ${answerMs / 1_000} s` });
      asked.destroy();
    }, answerMs);
    const end = (answer: Answer): void => {
      clearTimeout(late);
      resolve(answer);
    };
    asked.on('error', (error: NodeJS.ErrnoException) =>
      end(
        error.syscall === 'connect' || error.syscall === 'getaddrinfo'
          ? { kind: 'nobody' }
          : {
              kind: 'another',
              said: `does not speak ${new URL(url).protocol.slice(0, -1)}: ${error.message}`,
            },
      ),
    );
    asked.on('response', (response) => {
      let body = '';
      response.setEncoding('utf8').on('data', (text: string) => {
        body = (body + text).slice(0, largestAnswer);
      });
      response.on('end', () => end(read(body, response.statusCode ?? 0)));
    });
  });
}

function read(body: string, status: number): Answer {
  try {
    return { kind: 'agent', report: Report.parse(JSON.parse(body)) };
  } catch {
    return { kind: 'another', said: `answers HTTP ${status}, and not as an agent does` };
  }
}
