/** Files that repeat the version of package.json; a file of the first list must have it. */
const stands = /** @type {const} */ ([
  [/(^|\/)package\.json$/, /^ {2}"version": "(.+)"|^ {4}"@federation-agent\/[a-z-]+": "(.+)"/gm],
  [/^libs\/base\/src\/version\.ts$/, /version = '(.+)'/g],
  [/^deploy\/Dockerfile$/, /^ARG VERSION=(.+)/gm],
  [/^deploy\/docker-compose(\.agent)?\.yml$/, /VERSION:-([^}]+)}/g],
  [/^deploy\/\.env\.example$/, /VERSION=(\d.*)/g],
  [/^deploy\/helm\/[^/]+\/Chart\.yaml$/, /^(?:appV|v)ersion: (.+)/gm],
  [
    /^deploy\/k8s\/overlays\/[^/]+\/kustomization\.yaml$/,
    /newTag: ([^\s}]+)|app\.kubernetes\.io\/version: (\S+)/g,
  ],
]);
/** An image of ours in any text. */
const image =
  /federation-agent\/(?:agent|gateway-link|aws-discovery|subscription-manager|sandbox|\$\{target\}):(\d[\w.-]*)/g;

/**
 * Versions of ours that a file names, and does it have to name one?
 * @param {string} path
 * @param {string} text
 * @returns {{ found: string[], must: boolean }}
 */
export const versionsIn = (path, text) => {
  // They have invented versions.
  if (/(^|\/)tests\/.*_test\.yaml$|\.test\.mjs$/.test(path)) return { found: [], must: false };
  const patterns = stands.filter(([file]) => file.test(path)).map(([, version]) => version);
  const found = [...patterns, image].flatMap((pattern) =>
    [...text.matchAll(pattern)].map((match) => match[1] ?? match[2] ?? ''),
  );
  return { found, must: patterns.length > 0 };
};
