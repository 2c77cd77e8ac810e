/** `docs/configuration.md`: every key, from the one declaration of it. */
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
  return `${introduction}\n${tables.join('\n')}\n## Accepted and ignored\n\nKeys of the official agent that mean nothing here, and all below them.\n\n${ignored}\n## Ignored with a warning\n\nKeys of the official agent that are not supported, and all below them.\n\n${unsupported}`;
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

What is configured for the official agent holds here: the same variables, the same \`gravitee.yml\`.
\`--print-config\` shows what holds and where each value comes from; [gravitee.schema.json](gravitee.schema.json) lets an editor
complete and check a file (first line: \`# yaml-language-server: $schema=<path>/gravitee.schema.json\`).

## Where values come from

Files: \`--config a.yml,b.yml\`, else those in \`GRAVITEE_CONF\`, else those of \`-Dgravitee.conf=\` in \`JDK_JAVA_OPTIONS\` (the
official chart sets it), else \`config/gravitee.yml\` if it exists. A later file overrides an earlier one key by key.

The environment outranks files. A variable begins with \`gravitee_\`, \`gravitee.\`, \`GRAVITEE_\` or \`GRAVITEE.\`; the key follows as it is, or
with dots as \`_\`, without hyphens, with \`[0]\` as \`_0\`, in its exact case or all in upper case:
\`integration.providers[0].integrationId\` is \`gravitee_integration_providers_0_integrationId\` or
\`GRAVITEE_INTEGRATION_PROVIDERS_0_INTEGRATIONID\`.

In any value \`\${name}\` stands for another key or a variable, \`\${name:default}\` for the default where there is neither.

An empty value is unset. Booleans and numbers may be texts. A list is written with indices or as one text with commas between; it ends
at its first missing index, headers at the first without a name. The odd form \`configuration[0].stage\`, \`configuration[1].stage\` is
understood.

Wrong values stop the start with exit code 2, all of them at once, each by the key as it was written: also stores that do not open,
proxies, schedules, placeholders of the documentation that are still there (\`[your-token]\`) and names that stand for nothing
(\`\${NAME}\`). A key that nobody reads, below \`integration\`, \`services\`, \`system\`, \`cloud\` or \`federation\`, is a warning with
the nearest one that is known.

## Secrets

Any value, in a file or in the environment, may be a reference or hold one behind a blank (\`bearer secret://..\`):

| Reference | What it stands for |
| --- | --- |
| \`secret://kubernetes/<secret>:<key>?namespace=<ns>&watch\` | a key of a secret of the cluster, read as the pod's service account; without \`namespace\` that of the pod. The Role needs \`get\` on the secret, with \`watch\` also \`watch\` |
| \`secret://env/<NAME>\` | another variable |
| \`secret://file/<path>\` | the content of a file: \`secret://file/run/secrets/token\` is \`/run/secrets/token\`, \`secret://file/./token\` is below the working folder. \`?watch\` as above |

With \`watch\` a new APIM token, a new store of the connection to APIM or its password, and a new AWS key, role or external
id are used without a restart: header and stores at the next dial (at once where the old ones were refused), the others from the next
call on. Any other value that
changes is used from the next start on, and the log says so. Where the service account may read a secret but not watch it, it is read
every 30 seconds. A reference that cannot be read stops the start. A store at a \`path\` is read anew at each dial.
`;
