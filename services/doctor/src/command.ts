/** `doctor` as a command. */
import { parseArgs } from 'node:util';
import { describeError } from '@federation-agent/base';
import { json, table } from './report.ts';
import { exitCode } from './result.ts';
import { timeLimitMs, runDoctor } from './run-doctor.ts';

const help = `federation-agent doctor: finds what is wrong with this installation, and says how to fix it.
Changes nothing.

Options:
  -c, --config a.yml,b.yml   configuration files, as for the agent
      --json                 the results for machines
  -h, --help                 this text

Checks, in order: configuration, secrets, whether an agent runs here; for each endpoint DNS, TCP,
TLS, upgrade, HELLO; the broker with JetStream and permissions; for each AWS target the identity,
each permission of the documented policy, the clock, and the API keys of 10,000. A check that
cannot run because an earlier one failed is skipped and says why.

A running agent is not disturbed: the HELLO names a provider that no integration has, so APIM
refuses it and opens no second channel; no embedded broker is started where one runs; nothing is
written to AWS or to the broker. What only a write could show (creating and deleting API keys) is
not tried, and the permission that it needs is named.

It ends within 30 s. Exit status: 0 all good, 1 a check failed, 2 the configuration cannot be used.
`;

/** Runs the checks and ends the process. */
export async function doctorCommand(argv: readonly string[]): Promise<never> {
  const asked = readOptions(argv);
  if ('mistake' in asked)
    return end(process.stderr, `federation-agent doctor: ${asked.mistake}; --help names the options\n`, 2);
  if (asked.help) return end(process.stdout, help, 0);
  const source = { argv: asked.configArguments, env: process.env, cwd: process.cwd() };
  const progress = showProgress(process.stderr);
  const results = await runDoctor(source, { waitingFor: progress.show });
  progress.end();
  const { isTTY = false, columns = 100 } = process.stdout as { isTTY?: boolean; columns?: number };
  const coloured = isTTY && !process.env['NO_COLOR'];
  const text = asked.json
    ? json(results)
    : table(results, { colours: coloured, width: isTTY ? columns : 100 });
  return end(process.stdout, text, exitCode(results));
}

type Asked =
  | { readonly help: boolean; readonly json: boolean; readonly configArguments: readonly string[] }
  | { readonly mistake: string };

function readOptions(argv: readonly string[]): Asked {
  try {
    const { values } = parseArgs({
      args: [...argv],
      options: {
        help: { type: 'boolean', short: 'h', default: false },
        json: { type: 'boolean', default: false },
        config: { type: 'string', short: 'c', multiple: true },
      },
    });
    const configArguments = (values.config ?? []).flatMap((file) => ['--config', file]);
    return { help: values.help, json: values.json, configArguments };
  } catch (error) {
    return { mistake: describeError(error) };
  }
}

/** A progress line that is overwritten while checks run; only on a terminal. */
function showProgress(stream: NodeJS.WriteStream): {
  show: (subjects: readonly string[]) => void;
  end: () => void;
} {
  if (!stream.isTTY) return { show: () => undefined, end: () => undefined };
  const started = Date.now();
  let waiting: readonly string[] = [];
  const draw = (): void => {
    if (waiting.length === 0) return;
    const seconds = Math.round((Date.now() - started) / 1_000);
    const line = `examining ${waiting.join(', ')} (${seconds} s of ${timeLimitMs / 1_000} at the most)`;
    stream.write(`\r\u001b[K${line.slice(0, stream.columns - 1)}`);
  };
  const again = setInterval(draw, 1_000);
  return {
    show: (subjects) => {
      waiting = subjects;
      draw();
    },
    end: () => {
      clearInterval(again);
      stream.write('\r\u001b[K');
    },
  };
}

/** Ends the process once all is written, even when a check still holds something open. */
function end(stream: NodeJS.WriteStream, text: string, code: number): Promise<never> {
  return new Promise(() => stream.write(text, () => process.exit(code)));
}
