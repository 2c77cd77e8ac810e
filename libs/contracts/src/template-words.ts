/** The words in braces of a template. */
const words = {
  apiVersion: ['info.version', 'deployment', 'stage'],
  apiGroup: ['name', 'stage', 'region', 'account'],
} as const;

/** Why no such template can be filled, in words; undefined: it can. */
export function templateProblem(key: keyof typeof words, template: string): string | undefined {
  const known: readonly string[] = words[key];
  const unknown = [...template.matchAll(/\{([^{}]+)\}/gu)]
    .map(([, word = '']) => word)
    .find((word) => !known.includes(word) && !/^tag\../u.test(word));
  if (unknown === undefined) return undefined;
  const all = known.map((word) => `{${word}}`).join(', ');
  return `{${unknown}} is not known: there are ${all} and {tag.<key>}`;
}
