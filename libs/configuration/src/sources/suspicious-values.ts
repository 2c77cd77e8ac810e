/**
 * Values that are surely a mistake: placeholders from the documentation, names of unknown keys or variables,
 * surrounding quotes.
 */

/** The forms on the official pages: `[your-token]`, `YOUR_ACCESS_TOKEN`; and `<your-token>`, which others use. */
const placeholder = /\[(?:your-[\w-]+|organization-id)\]|<your[ _-][^<>]+>|\bYOUR(?:_[A-Z]+)+\b/u;
/** `${NAME}`, with or without a default, and `$(NAME)` from Kubernetes. */
const variable = /\$\{(?<braced>[A-Za-z_][\w.]*)(?:[:?+-][^}]*)?\}|\$\((?<bracketed>[A-Za-z_]\w*)\)/u;
/** Quotes around the whole value, or around what follows `bearer`. */
const quoted = /^(?:[A-Za-z]+\s+)?(?<quote>["'])[^]*\k<quote>$/u;

/** What to put in place of a placeholder. */
const wanted: readonly (readonly [path: RegExp, what: string])[] = [
  [/\.endpoints(?:\[\d+\])?$/u, 'put the host of your APIM management API there'],
  [/\.headers\[\d+\]\.value$/u, 'put the token of the service account in APIM there'],
  [/\.integrationId$/u, 'put the id of the integration there, from its overview in the APIM console'],
  [/\.regions?(?:\[\d+\])?$/u, 'put the AWS region there, such as eu-west-1'],
  [
    /\.(?:accessKeyId|secretAccessKey)$/u,
    'put your AWS key there, or leave accessKeyId and secretAccessKey out where the agent has a role in AWS',
  ],
  [
    /^cloud\.token$/u,
    'put the Cloud Token there, or remove it (in a file the whole section cloud): only Gravitee Cloud needs it',
  ],
];

/** @returns what is wrong with the value, to be shown behind the key; it never quotes a value that may be secret */
export function suspicionAbout(path: string, value: string): string | undefined {
  const found = placeholder.exec(value)?.[0];
  if (found !== undefined) {
    const what = wanted.find(([pattern]) => pattern.test(path))?.[1] ?? 'put your own value there';
    return `still has the placeholder ${found} of the documentation: ${what}`;
  }
  // Passwords may legitimately have dollars, braces and quotes.
  const isPassword = /\.password$|\.users\.|\.content$|\.secretAccessKey$/u.test(path);
  const unreplaced = variable.exec(value);
  const name = unreplaced?.groups?.['braced'] ?? unreplaced?.groups?.['bracketed'];
  if (name !== undefined && (!isPassword || unreplaced?.[0] === value.trim()))
    return `refers to ${name}, but there is no such key and no such variable: set it, or write the value here`;
  if (!isPassword && quoted.test(value.trim()))
    return 'has quotes around it, which are part of the value: remove them';
  return undefined;
}

/** For a YAML list with one text: `[your-token]` without quotes is such a list, but was meant as a text. */
export function isPlaceholderItem(text: string): boolean {
  return /^(?:your-(?:token|cloud-token[\w-]*|APIM-management-API-host|integration-id|aws-region|key-id|access-key)|organization-id)$/u.test(
    text,
  );
}
