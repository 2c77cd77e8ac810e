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
  return `${introduction}\n${tables.join('\n')}\n## Accepted and ignored\n\nKeys of the official agent without a meaning here, and all keys below them.\n\n${ignored}\n## Ignored with a warning\n\nKeys of the official agent that this agent does not support, and all keys below them.\n\n${unsupported}`;
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

This agent reads the configuration of the official agent: the same variables, the same \`gravitee.yml\`.
\`--print-config\` shows every value in force and where it comes from. With [gravitee.schema.json](gravitee.schema.json)
an editor completes and checks a file (first line: \`# yaml-language-server: $schema=<path>/gravitee.schema.json\`).

## Where values come from

The agent reads the first of these that is there:

1. the files in \`--config a.yml,b.yml\`
2. the files in \`GRAVITEE_CONF\`
3. the files in \`-Dgravitee.conf=\` in \`JDK_JAVA_OPTIONS\`, which the official chart sets
4. \`config/gravitee.yml\`

A later file overrides an earlier one, key by key. The environment overrides files.

A variable begins with \`gravitee_\`, \`gravitee.\`, \`GRAVITEE_\` or \`GRAVITEE.\`. The key follows: unchanged, or with \`_\`
for each dot, without hyphens and with \`_0\` for \`[0]\`; in its exact case or all in upper case. So
\`integration.providers[0].integrationId\` is \`gravitee_integration_providers_0_integrationId\` or
\`GRAVITEE_INTEGRATION_PROVIDERS_0_INTEGRATIONID\`.

In a value, \`\${name}\` stands for another key or a variable. \`\${name:default}\` has a default for when there is neither.

- An empty value counts as not set.
- Booleans and numbers may be written as texts.
- A list is written with indices, or as one text with commas. It ends at the first missing index; headers end at the
  first one without a name.
- The unusual form \`configuration[0].stage\`, \`configuration[1].stage\` works too.

Wrong values stop the start with exit code 2. The agent reports all of them at once, each with the key as it was written.
It also reports stores that do not open, wrong proxies and schedules, placeholders from the documentation
(\`[your-token]\`), and names of unknown keys or variables (\`\${NAME}\`). An unknown key below \`integration\`,
\`services\`, \`system\`, \`cloud\` or \`federation\` is a warning, with the most similar known key.

## Secrets

Any value, in a file or in the environment, may be a reference, or have one behind a blank (\`bearer secret://..\`):

| Reference | What it stands for |
| --- | --- |
| \`secret://kubernetes/<secret>:<key>?namespace=<ns>&watch\` | a key of a Kubernetes secret, read as the pod's service account. Without \`namespace\`: the namespace of the pod. The Role needs \`get\` on the secret; with \`watch\` also \`watch\` |
| \`secret://env/<NAME>\` | another variable |
| \`secret://file/<path>\` | the content of a file: \`secret://file/run/secrets/token\` is \`/run/secrets/token\`, \`secret://file/./token\` is relative to the working folder. \`?watch\` as above |

With \`watch\` these take effect without a restart: a new APIM token, a new store of the connection to APIM or its
password, and a new AWS key, role or external id. Header and stores take effect at the next dial (at once when the old
ones were refused), the others at the next call. Any other changed value takes effect at the next start, and the log says
so. When the service account may read a secret but not watch it, the agent reads it every 30 seconds. A reference that
cannot be read stops the start. A store at a \`path\` is read again at each dial.
`;
