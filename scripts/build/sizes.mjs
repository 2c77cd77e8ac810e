/**
 * What is in a bundle, counted: all of it is read at the start. A number may grow when it must, with the reason in the
 * commit. What it costs: `npm run bench -- start`.
 */

/** A few per cent more than they have. @type {Readonly<Record<string, { files: number, kibibytes: number }>>} */
export const mostOf = {
  agent: { files: 2_420, kibibytes: 4_400 },
  'gateway-link': { files: 1_400, kibibytes: 3_150 },
};

/**
 * @param {string} name of the bundle
 * @param {{ files: readonly string[], bytes: number }} found
 * @returns {string[]} what has grown, one line each
 */
export const grown = (name, { files, bytes }) => {
  const most = mostOf[name];
  if (most === undefined) return [];
  const kibibytes = Math.round(bytes / 1_024);
  const hint = 'find out why, or raise it in scripts/build/sizes.mjs and say why in the commit';
  return [
    ...(files.length > most.files ? [`${name}: ${files.length} files, at most ${most.files}: ${hint}`] : []),
    ...(kibibytes > most.kibibytes ? [`${name}: ${kibibytes} KiB, at most ${most.kibibytes}: ${hint}`] : []),
  ];
};
