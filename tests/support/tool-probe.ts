import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import type { describe as jestDescribe, test as jestTest } from '@jest/globals';

/** Whether a tool is available; if not, one line that says what is missing. */
export type ToolProbe = { available: true; version: string } | { available: false; reason: string };

/** Where to look; by default the environment and platform of this process. */
export interface ProbeOptions {
  env?: NodeJS.ProcessEnv;
  platform?: NodeJS.Platform;
}

const MIN_JDK = 17;
const MIN_PYTHON_MINOR = 10;
const PROBE_LIMIT_MS = 20_000;

/**
 * Checks for what the real APIM controller needs: a POSIX shell, JDK 17 or newer (java and javac, from JAVA_HOME or
 * PATH), Maven.
 */
export function probeApimController(options: ProbeOptions = {}): ToolProbe {
  const { env, platform } = resolve(options);
  if (platform === 'win32') return missing('a POSIX shell is missing');
  const bin = (name: string): string => (env['JAVA_HOME'] ? join(env['JAVA_HOME'], 'bin', name) : name);
  const javac = firstMatch(bin('javac'), ['-version'], /javac (\d+)(\S*)/, env);
  const java = firstMatch(bin('java'), ['-version'], /version "(\d+)/, env);
  if (!javac || !java) return missing(`JDK ${MIN_JDK} or newer is missing (no ${javac ? 'java' : 'javac'})`);
  if (Math.min(Number(javac[1]), Number(java[1])) < MIN_JDK) {
    return missing(
      `JDK ${MIN_JDK} or newer is missing (found javac ${javac[1] ?? ''}, java ${java[1] ?? ''})`,
    );
  }
  const maven = firstMatch('mvn', ['-version'], /Apache Maven (\S+)/, env);
  if (!maven) return missing('Maven is missing (no mvn)');
  return { available: true, version: `JDK ${javac[1] ?? ''}${javac[2] ?? ''}, Maven ${maven[1] ?? ''}` };
}

/**
 * Checks for what moto needs: a POSIX shell, and Python 3.10 or newer (PYTHON, or python3) that can make virtual
 * environments.
 */
export function probeMoto(options: ProbeOptions = {}): ToolProbe {
  const { env, platform } = resolve(options);
  if (platform === 'win32') return missing('a POSIX shell is missing');
  const python = env['PYTHON'] ?? 'python3';
  const version = firstMatch(python, ['--version'], /Python 3\.(\d+)(\S*)/, env);
  if (!version || Number(version[1]) < MIN_PYTHON_MINOR) {
    const found = version ? `found ${version[0]}` : `no ${python}`;
    return missing(`Python 3.${MIN_PYTHON_MINOR} or newer is missing (${found})`);
  }
  // Debian packages venv separately: the module is there but ensurepip is not, and an environment without pip does not
  // help.
  if (!firstMatch(python, ['-c', 'import venv, ensurepip; print("both")'], /both/, env)) {
    return missing(`Python's venv is missing (on Debian: the package python3-venv)`);
  }
  return { available: true, version: version[0] };
}

/** `describe`, or a function with its type. */
export type Describe = (title: string, suite: () => void) => void;

/**
 * For a jest suite that needs a tool: `requireOrSkip('moto', probeMoto())('lists the APIs', () => {...})`. When the
 * tool is missing, it prints one line and skips the suite; with `CI=true` the suite fails instead.
 */
export function requireOrSkip(name: string, probe: ToolProbe): Describe {
  // Uses jest's globals, because importing @jest/globals throws in a process that is not jest.
  const { describe, test } = globalThis as unknown as {
    describe: typeof jestDescribe;
    test: typeof jestTest;
  };
  if (probe.available) return describe;
  const line = `${name}: ${probe.reason}`;
  if (process.env['CI'] === 'true') {
    return (title) =>
      describe(title, () => {
        test('has the tools it needs', () => {
          throw new Error(line);
        });
      });
  }
  process.stderr.write(`skipped, ${line}\n`);
  return describe.skip;
}

function resolve(options: ProbeOptions): Required<ProbeOptions> {
  return { env: options.env ?? process.env, platform: options.platform ?? process.platform };
}

function missing(reason: string): ToolProbe {
  return { available: false, reason };
}

/**
 * The match in a program's output on either stream; null when the program is absent, fails, or prints something else.
 */
function firstMatch(
  command: string,
  args: readonly string[],
  pattern: RegExp,
  env: NodeJS.ProcessEnv,
): RegExpExecArray | null {
  const run = spawnSync(command, args, { env, encoding: 'utf8', timeout: PROBE_LIMIT_MS });
  return run.status === 0 ? pattern.exec(run.stdout + run.stderr) : null;
}
