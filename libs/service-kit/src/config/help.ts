import { describeConfiguration } from './describe.ts';

/** What `--help` prints. */
export function helpText({
  name,
  description,
}: {
  readonly name: string;
  readonly description: string;
}): string {
  const keys = describeConfiguration().map(({ path, alias, fallback, description: sentence }) => {
    const notes = [
      fallback === '' ? '' : `default ${fallback}`,
      alias === undefined ? '' : `or ${alias}`,
    ].filter(Boolean);
    return `  ${path}\n      ${sentence}${notes.length > 0 ? ` (${notes.join(', ')})` : ''}`;
  });
  return `${name}: ${description}

Options:
  -c, --config a.yml,b.yml   configuration files, later ones override key by key
                             (default: the files in GRAVITEE_CONF, else those of -Dgravitee.conf= in
                             JDK_JAVA_OPTIONS, else config/gravitee.yml)
      --print-config         the configuration as it is read, with where each value comes from, secrets masked
  -h, --help                 this text
  -v, --version              the version

Every key may be set in a file, or in the environment as gravitee_<key> with dots and indices as underscores:
integration.providers[0].type is gravitee_integration_providers_0_type. The environment outranks files.

Keys:
${keys.join('\n')}
`;
}
