import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { z } from 'zod';

/** What to start, and the form of the JSON on its first line. */
export interface ReadyChildOptions<Ready> {
  command: string;
  args: readonly string[];
  env?: NodeJS.ProcessEnv;
  ready: z.ZodType<Ready>;
}

/** A running program, and what its first line said. */
export interface ReadyChild<Ready> {
  pid: number;
  ready: Ready;
  /** Ends it with SIGTERM, after 5 s with SIGKILL. Resolves once it is gone; may be called twice. */
  stop(): Promise<void>;
}

/** A program ended, or could not be started, before it was ready. The message has the end of its stderr. */
class ChildNotReady extends Error {
  override name = 'ChildNotReady';
}

const KEPT_STDERR = 4_000;
const KILL_AFTER_MS = 5_000;

/**
 * Starts a program and waits for its first line. There is no time limit, because a first start may build or install;
 * the test's own limit applies. Its standard input stays open while this process lives, so that a program that watches
 * it ends with a test runner that was killed.
 */
export async function startReadyChild<Ready>(options: ReadyChildOptions<Ready>): Promise<ReadyChild<Ready>> {
  const child = spawn(options.command, options.args, {
    env: options.env ?? process.env,
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  let stderr = '';
  child.stderr.on('data', (chunk: Buffer) => {
    stderr = (stderr + chunk.toString()).slice(-KEPT_STDERR);
  });
  const stop = (): Promise<void> => stopChild(child);
  const firstLine = await new Promise<string>((resolve, reject) => {
    const failed = (cause: string): void => {
      reject(new ChildNotReady(`${options.command} ${cause} before it was ready: ${stderr.trim()}`));
    };
    createInterface({ input: child.stdout }).once('line', resolve);
    child.once('error', (error) => failed(`failed (${error.message})`));
    // `close`, not `exit`: by then stderr has been read to its end.
    child.once('close', (code, signal) => failed(`ended (${code ?? signal ?? 'unknown'})`));
  });
  try {
    return { pid: child.pid ?? 0, ready: options.ready.parse(JSON.parse(firstLine)), stop };
  } catch (error) {
    await stop();
    throw new ChildNotReady(`${options.command} said something else than expected: ${firstLine}`, {
      cause: error,
    });
  }
}

async function stopChild(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  await new Promise<void>((resolve) => {
    const kill = setTimeout(() => child.kill('SIGKILL'), KILL_AFTER_MS);
    child.once('exit', () => {
      clearTimeout(kill);
      resolve();
    });
    child.kill('SIGTERM');
  });
}
