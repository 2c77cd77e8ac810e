import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { killOnExit } from '@federation-agent/base/test';
import { eventually } from './eventually.ts';

/** Programs with a `main.ts` below `services/`. */
export type Program = 'gateway-link' | 'aws-discovery' | 'subscription-manager' | 'console' | 'standalone';

/** A line of JSON that a process logged. Unreadable lines (a crash, a warning of Node) are kept as `{ msg }`. */
export type LogLine = Readonly<Record<string, unknown>>;

/** The answer of `/readyz`: which components are well, in the service's words. */
export interface Readiness {
  readonly status: number;
  readonly body: string;
}

/** A service of the agent as a separate process. */
export interface AgentProcess {
  readonly program: Program;
  readonly pid: number;
  /** Base URL of its health server; resolves once its log has told it. */
  url(): Promise<string>;
  /** Undefined while the health server does not answer. */
  readiness(): Promise<Readiness | undefined>;
  /** Waits until `/readyz` is 200. */
  ready(): Promise<void>;
  /** Waits until the answer of `/readyz` matches, whatever its status. */
  untilHealth(says: RegExp): Promise<Readiness>;
  log(): readonly LogLine[];
  running(): boolean;
  /** Sends a signal and waits for the end. Returns the exit code, or the signal that ended the process. */
  end(signal: NodeJS.Signals): Promise<number | NodeJS.Signals>;
  /** Waits until something else ends the process. */
  ended(): Promise<number | NodeJS.Signals>;
}

export interface AgentProcessOptions {
  readonly program: Program;
  readonly args?: readonly string[];
  /** The whole environment of the process, besides PATH and a home folder. */
  readonly env: Readonly<Record<string, string>>;
  /** Working folder: the process would read a `config/gravitee.yml` there. */
  readonly cwd: string;
}

const KEPT_LINES = 20_000;
const dockerfile = new URL('../../deploy/Dockerfile', import.meta.url);
/** Not in NODE_OPTIONS as there: a test may need that for itself. */
const flagOfImage = /NODE_OPTIONS=(\S+)/u.exec(readFileSync(dockerfile, 'utf8'))?.[1] ?? '--no-warnings';

/**
 * The file that Node runs for this program: the shipped bundle when `npm test` made one, or else its sources (from an
 * editor, or by `npx jest`).
 */
export function mainOf(program: Program): string {
  const bundles = process.env['FEDERATION_TEST_BUNDLES'];
  if (bundles !== undefined) return join(bundles, `${program === 'standalone' ? 'agent' : program}.mjs`);
  return fileURLToPath(new URL(`../../services/${program}/src/main.ts`, import.meta.url));
}

/**
 * Starts a service with this Node. It inherits nothing from the machine's environment, in particular no AWS settings.
 */
export function startAgentProcess(options: AgentProcessOptions): AgentProcess {
  const child = spawn(process.execPath, [flagOfImage, mainOf(options.program), ...(options.args ?? [])], {
    cwd: options.cwd,
    env: bareEnvironment(options),
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  killOnExit(child);
  const lines = collect(child);
  const running = (): boolean => child.exitCode === null && child.signalCode === null;

  async function ended(): Promise<number | NodeJS.Signals> {
    if (running()) await once(child, 'exit');
    return child.signalCode ?? child.exitCode ?? 'SIGKILL';
  }
  const url = (): Promise<string> =>
    eventually(`${options.program} to say where its health is`, () => healthUrl(lines), {
      giveUp: () => (running() ? undefined : `it ended: ${tail(lines, 5)}`),
    });
  async function readiness(): Promise<Readiness | undefined> {
    const base = healthUrl(lines);
    if (base === undefined || !running()) return undefined;
    try {
      const response = await fetch(`${base}/readyz`);
      return { status: response.status, body: await response.text() };
    } catch {
      return undefined; // It does not listen yet, or not any more.
    }
  }
  const until = (what: string, holds: (readiness: Readiness) => boolean): Promise<Readiness> =>
    eventually(
      `${options.program} ${what}`,
      async () => {
        const now = await readiness();
        return now && holds(now) ? now : undefined;
      },
      { giveUp: () => (running() ? undefined : `it ended: ${tail(lines, 5)}`), lastSeen: readiness },
    );

  return {
    program: options.program,
    pid: child.pid ?? 0,
    url,
    readiness,
    ready: async () => {
      await until('to be ready', ({ status }) => status === 200);
    },
    untilHealth: (says) => until(`to say ${String(says)}`, ({ body }) => says.test(body)),
    log: () => lines,
    running,
    ended,
    end: async (signal) => {
      if (running()) child.kill(signal);
      return ended();
    },
  };
}

function bareEnvironment({ env, cwd }: AgentProcessOptions): NodeJS.ProcessEnv {
  const { PATH, TMPDIR, NODE_COMPILE_CACHE } = process.env;
  // Its port is fixed unless a test sets it, and tests run beside each other.
  const quiet = { gravitee_federation_console_enabled: 'false' };
  return { PATH, TMPDIR, NODE_COMPILE_CACHE, HOME: cwd, ...quiet, ...env };
}

function collect(child: ChildProcess): LogLine[] {
  const lines: LogLine[] = [];
  const read = (stream: Readable | null): void => {
    if (!stream) return;
    createInterface({ input: stream }).on('line', (line) => {
      lines.push(parseLine(line));
      if (lines.length > KEPT_LINES) lines.shift();
    });
  };
  read(child.stdout);
  read(child.stderr);
  return lines;
}

function parseLine(line: string): LogLine {
  try {
    const value: unknown = JSON.parse(line);
    if (typeof value === 'object' && value !== null) return value as LogLine;
  } catch {
    // Not JSON: a crash, or a warning of Node.
  }
  return { msg: line };
}

const Serving = z.object({ url: z.string().regex(/^http:\/\/[^/]+:\d+$/u) });

/** The log line about the health server has its `url`. */
function healthUrl(lines: readonly LogLine[]): string | undefined {
  for (const line of lines) {
    const serving = Serving.safeParse(line);
    if (serving.success) return serving.data.url;
  }
  return undefined;
}

/** The last lines as text. */
export function tail(lines: readonly LogLine[], count: number): string {
  return lines
    .slice(-count)
    .map((line) => JSON.stringify(line))
    .join('\n');
}
