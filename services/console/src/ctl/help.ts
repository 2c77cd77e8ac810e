/** The texts of `--help`. Pure. */
import { commands } from './commands/index.ts';
import { optionTexts, type Command } from './run.ts';

const common = [
  ['--url <url>', 'where the console is; else FEDERATION_CTL_URL, else http://localhost:18087'],
  ['--json', 'for machines'],
  ['--help', 'this; after a command: its options'],
] as const;

const exits = [
  '0  done',
  '1  refused or not found; `status`: a part is down; `why`: it is not in APIM; `reconcile`: something differs',
  '2  the command was not understood',
  '3  the console, the broker or a service does not answer',
  '4  not logged in, or a viewer who may not act',
];

export function help(): string {
  return [
    'federation-agent ctl: looks at a running agent and steers it, through the HTTP API of its console.',
    '',
    'Usage: federation-agent ctl <command> [options]',
    '',
    'Commands:',
    ...columns(commands.map((command) => [usageOf(command), command.says])),
    '',
    'Options of all commands:',
    ...columns(common),
    '',
    'FEDERATION_CTL_USER and FEDERATION_CTL_PASSWORD log in, with a user of',
    'services.core.http.authentication; a password is never an argument.',
    '',
    'Exit codes:',
    ...exits.map((line) => `  ${line}`),
    '',
  ].join('\n');
}

export function helpOf(command: Command): string {
  const own = command.options.map((name): readonly [string, string] => {
    const [value, says] = optionTexts[name];
    return [`--${name}${value === '' ? '' : ` <${value}>`}`, says];
  });
  return [
    `federation-agent ctl ${usageOf(command)}: ${command.says}.`,
    '',
    'Options:',
    ...columns([...own, ...common]),
    '',
  ].join('\n');
}

function usageOf({ name, takes }: Command): string {
  return takes === undefined ? name : `${name} ${takes}`;
}

/** A text that is too wide for its column has a line of its own. */
function columns(pairs: readonly (readonly [string, string])[]): string[] {
  const width = 28;
  return pairs.map(([left, right]) =>
    left.length > width ? `  ${left}\n  ${' '.repeat(width)}  ${right}` : `  ${left.padEnd(width)}  ${right}`,
  );
}
