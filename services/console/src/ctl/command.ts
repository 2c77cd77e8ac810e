/** `federation-agent ctl <command>`: reads the arguments, and runs one command. */
import { createInterface } from 'node:readline/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { describeError } from '@federation-agent/base';
import { createClient } from './client.ts';
import { commands } from './commands/index.ts';
import { CtlError, exitCodes } from './ctl-error.ts';
import { help, helpOf } from './help.ts';
import { optionTexts, type Command, type Options, type Run } from './run.ts';

const defaultUrl = 'http://localhost:18087';

/** @returns the exit code; `exitCodes` says what each means */
export async function ctlCommand(argv: readonly string[]): Promise<number> {
  try {
    const { words, options } = readArguments(argv);
    const command = commandOf(words);
    if (options['help'] === true || command === undefined) {
      const text = command ? helpOf(command) : help();
      if (options['help'] === true || words.length === 0) {
        process.stdout.write(text);
        return words.length === 0 && options['help'] !== true ? exitCodes.usage : exitCodes.ok;
      }
      throw new CtlError('usage', `there is no command "${words.join(' ')}"; --help lists them`);
    }
    const rest = words.slice(command.name.split(' ').length);
    refuseForeign(command, options);
    const well = await command.run(runOf(rest, options));
    return well ? exitCodes.ok : exitCodes.failed;
  } catch (error) {
    process.stderr.write(`${describeError(error)}\n`);
    return error instanceof CtlError ? exitCodes[error.exit] : exitCodes.failed;
  }
}

function readArguments(argv: readonly string[]): {
  readonly words: readonly string[];
  readonly options: Options;
} {
  const own = Object.entries(optionTexts).map(([name, [value]]) => [
    name,
    { type: value === '' ? 'boolean' : 'string' } as const,
  ]);
  try {
    const { values, positionals } = parseArgs({
      args: [...argv],
      allowPositionals: true,
      options: {
        ...(Object.fromEntries(own) as Record<string, { type: 'boolean' | 'string' }>),
        url: { type: 'string' },
        json: { type: 'boolean' },
        help: { type: 'boolean', short: 'h' },
      },
    });
    return { words: positionals, options: values };
  } catch (error) {
    throw new CtlError('usage', describeError(error));
  }
}

/** The longest name that the words begin with. */
function commandOf(words: readonly string[]): Command | undefined {
  return commands
    .filter(({ name }) => name.split(' ').every((word, index) => words[index] === word))
    .toSorted((a, b) => b.name.length - a.name.length)[0];
}

function refuseForeign({ name, options: known }: Command, options: Options): void {
  for (const option of Object.keys(options)) {
    if (['url', 'json', 'help'].includes(option)) continue;
    if (!known.some((one) => one === option))
      throw new CtlError('usage', `${name} takes no --${option}; ${name} --help lists what it takes`);
  }
}

function runOf(words: readonly string[], options: Options): Run {
  const { env, stdin, stdout, stderr } = process;
  const user = env['FEDERATION_CTL_USER'];
  const url = options['url'] ?? env['FEDERATION_CTL_URL'] ?? defaultUrl;
  if (typeof url !== 'string' || !URL.canParse(url)) throw new CtlError('usage', '--url needs a URL');
  const credentials =
    user === undefined ? {} : { credentials: { user, password: env['FEDERATION_CTL_PASSWORD'] ?? '' } };
  return {
    client: createClient({ url, ...credentials }),
    words,
    options,
    out: (text) => void stdout.write(text),
    note: (text) => void stderr.write(text),
    ...(stdin.isTTY && { ask: askPerson }),
    now: Date.now,
    sleep: (ms) => sleep(ms),
  };
}

async function askPerson(question: string): Promise<string> {
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return await terminal.question(question);
  } finally {
    terminal.close();
  }
}
