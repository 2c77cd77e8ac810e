import { describeConfiguration, type ConfigurationKey } from './describe.ts';
import { aliases } from '../sources/names.ts';

const columns = 80;

/** What `--help` prints: at most 80 columns, unless a name is longer. */
export function helpText({
  name,
  description,
}: {
  readonly name: string;
  readonly description: string;
}): string {
  return `${wrapped(`${name}: ${description}`, '', '  ')}

Usage: ${name} [options]
       ${name} healthcheck [--live]

Options:
  -c, --config a.yml,b.yml  configuration files; later ones override key by key
      --print-config        the configuration that holds, where each value comes
                            from, secrets masked; then ends
  -h, --help                this text
  -v, --version             the version

healthcheck asks the process that runs with this configuration whether it is
ready, with --live only whether it lives: exit code 0, or 1 and the reason.

Without --config the agent reads the files in GRAVITEE_CONF, else those in
-Dgravitee.conf= of JDK_JAVA_OPTIONS, else config/gravitee.yml if it exists.

Environment:
  Every key below is a variable too, which outranks the files: gravitee_ and the
  key with _ for dots and indices, in this case or all in capitals:
    integration.providers[0].type
    gravitee_integration_providers_0_type
    GRAVITEE_INTEGRATION_PROVIDERS_0_TYPE
  An empty variable counts as unset. These variables work too:
${entries(variables, 30)}

Any value may be a reference to a secret: secret://env/<NAME>,
secret://file/<path>, secret://kubernetes/<secret>:<key>. \${name} in a value
stands for another key or a variable, \${name:default} has a default.

Exit codes:
  0  ended as told, by SIGTERM or SIGINT
  1  failed; the log says why
  2  the configuration cannot be used; a line on stderr for each mistake

Keys:
${describeConfiguration().map(keyText).join('\n')}
`;
}

const variables: readonly (readonly [string, string])[] = [
  ['GRAVITEE_CONF', 'configuration files'],
  ...Object.entries(aliases).map(([key, variable]) => [variable, `the key ${key}`] as const),
  ['HTTPS_PROXY, NO_PROXY', 'used with useSystemProxy'],
  ['AWS_*', 'those of the AWS SDK, where no key is configured'],
  ['NATS_SERVER_BIN', 'the nats-server of the embedded broker'],
  ['NO_COLOR', 'log lines on a terminal without colours'],
];

function entries(all: readonly (readonly [string, string])[], width: number): string {
  return all
    .map(([name, what]) => wrapped(what, `  ${name.padEnd(width)}`, ' '.repeat(width + 2)))
    .join('\n');
}

function keyText({ path, alias, fallback, description }: ConfigurationKey): string {
  const notes = [fallback === '' ? '' : `default ${fallback}`, alias === undefined ? '' : `or ${alias}`];
  const note = notes.filter(Boolean).join(', ');
  return `  ${path}\n${wrapped(note === '' ? description : `${description} (${note})`, '      ', '      ')}`;
}

/** Breaks a text into lines of 80 columns; a longer word gets a line of its own. */
function wrapped(text: string, first: string, others: string): string {
  const lines: string[] = [];
  let line = first;
  let empty = true;
  for (const word of text.split(' ')) {
    if (!empty && line.length + 1 + word.length > columns) {
      lines.push(line);
      line = others;
      empty = true;
    }
    line += empty ? word : ` ${word}`;
    empty = false;
  }
  return [...lines, line].join('\n');
}
