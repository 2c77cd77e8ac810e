/** `docs/configuration.md`: every key, made from its declaration. */
import { describeConfiguration, type ConfigurationKey } from './describe.ts';
import { ignoredKeys, unsupportedKeys } from '../checks/ignored-keys.ts';

const sections: readonly (readonly [start: string, title: string])[] = [
  ['integration.connector.ws', 'The connection to APIM'],
  ['integration.providers', 'Integrations'],
  ['cloud', 'Gravitee Cloud'],
  ['services', 'HTTP: health, metrics, node API'],
  ['system', 'System'],
  ['federation', 'What this agent adds'],
];

export function configurationReference(): string {
  const keys = describeConfiguration();
  const tables = sections.map(([start, title]) => {
    const own = keys.filter(
      ({ path }) => path === start || path.startsWith(`${start}.`) || path.startsWith(`${start}[`),
    );
    return `## ${title}\n\n${table(['Key', 'Default', 'Meaning'], own.map(row))}`;
  });
  const [ignored = '', unsupported = ''] = [ignoredKeys, unsupportedKeys].map((list) =>
    table(
      ['Key', 'Why'],
      list.map(({ path, why }) => [`\`${path}\``, why]),
    ),
  );
  return `${introduction}
${tables.join('\n')}
## Accepted and ignored

The agent accepts these keys of the official agent, and all keys below them, and ignores them.

${ignored}
## Ignored with a warning

The agent does not support these keys of the official agent, nor the keys below them. It says so at the start.

${unsupported}`;
}

function row({ path, fallback, description, secret, alias }: ConfigurationKey): readonly string[] {
  const notes = [secret ? 'secret' : '', alias === undefined ? '' : `also \`${alias}\``].filter(Boolean);
  return [
    `\`${path}\``,
    fallback === '' ? '' : `\`${fallback}\``,
    `${description}${notes.length > 0 ? ` (${notes.join(', ')})` : ''}`,
  ];
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell) => cell.replaceAll('|', String.raw`\|`)).join(' | ')} |\n`;
  return [head, head.map(() => '---'), ...rows].map(line).join('');
}

const introduction = `# Configuration

<!-- Made by \`npm run docs\` from the declarations in libs/contracts/src/config.ts. Change those. -->

This agent takes what is configured for the official agent: the same variables, the same \`gravitee.yml\`.

- \`--print-config\` shows every value in force and where it comes from.
- [gravitee.schema.json](gravitee.schema.json) lets an editor complete and check a file. Its first line must be
  \`# yaml-language-server: $schema=<path>/gravitee.schema.json\`.

## Where values come from

**Files.** The agent reads the first of these that is given:

1. the files of \`--config a.yml,b.yml\`
2. those in the variable \`GRAVITEE_CONF\`
3. those of \`-Dgravitee.conf=\` in the variable \`JDK_JAVA_OPTIONS\` (the official chart sets it)
4. \`config/gravitee.yml\`, if it exists

A later file overrides an earlier one key by key.

**Environment.** Variables outrank files. A variable begins with \`gravitee_\`, \`gravitee.\`, \`GRAVITEE_\` or
\`GRAVITEE.\`. The key follows, either as it is, or with \`_\` for each dot, without hyphens, and with \`_0\` for
\`[0]\`. Its letters are in their exact case, or all in upper case. For \`integration.providers[0].integrationId\`
you can write \`gravitee_integration_providers_0_integrationId\` or
\`GRAVITEE_INTEGRATION_PROVIDERS_0_INTEGRATIONID\`.

**Placeholders.** In any value \`\${name}\` stands for another key or a variable. \`\${name:default}\` takes the
default when neither exists.

**Forms.** An empty value counts as unset. Booleans and numbers may be texts. Write a list with indices, or as one text
with commas. A list with indices ends at the first index that is missing; the headers end at the first without a name.
The agent also understands the form \`configuration[0].stage\`, \`configuration[1].stage\` of the official page.

**Mistakes.** The agent does not start with a wrong value: it prints all mistakes at once, each with the key as you
wrote it, and exits with 2. Mistakes are also: a store that does not open, a proxy or a schedule that cannot be used, a
placeholder of the documentation that is still there (\`[your-token]\`), and a name that stands for nothing
(\`\${NAME}\`). A key below \`integration\`, \`services\`, \`system\`, \`cloud\` or \`federation\` that the agent does
not know is a warning, with the most similar known key.

## Secrets

Any value, in a file or in the environment, may be a reference to a secret. A reference may also follow a blank in the
value: \`bearer secret://..\`.

| Reference | What it stands for |
| --- | --- |
| \`secret://kubernetes/<secret>:<key>?namespace=<ns>&watch\` | a key of a Kubernetes Secret, read with the pod's service account; without \`namespace\`, in the pod's own. The Role needs \`get\` on the Secret, and for \`watch\` also \`watch\` |
| \`secret://env/<NAME>\` | another variable |
| \`secret://file/<path>\` | the content of a file: \`secret://file/run/secrets/token\` is \`/run/secrets/token\`, \`secret://file/./token\` is relative to the working folder. \`?watch\` as above |

A reference that cannot be read stops the start.

With \`watch\` the agent takes up these changes without a restart:

- a new APIM token, and a new store of the connection to APIM or its password: at the next dial, or at once when APIM
  refused the old ones
- a new AWS key, role or external id: from the next call on

It uses a change of any other value from the next start on, and the log says so. When the service account may read a
Secret but not watch it, the agent reads it every 30 seconds. It reads a store at a \`path\` anew at each dial.
`;
