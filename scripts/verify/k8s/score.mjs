/** kube-score on each way, and what it finds that is meant to be so. */
import { waysOf } from './ways.mjs';

/** @typedef {import('../checks/types.d.ts').Context} Context */

/** Its warnings and failures, each with the reason why it stays. By the id of the test, or the object and the id. */
const explained = /** @type {Record<string, string>} */ ({});

/** @param {Context} context @returns {Promise<string>} */
export const score = async (context) => {
  const unexplained = [];
  const used = new Set();
  for (const [name, { text }] of Object.entries(await waysOf(context))) {
    const { stdout, stderr } = await context.run(
      context.tool('kube-score'),
      ['score', '--output-format', 'json', '-'],
      { input: text },
    );
    if (!stdout.startsWith('[')) throw new Error(`${name}: ${stdout}${stderr}`);
    for (const { object_name: object, checks } of JSON.parse(stdout))
      for (const { check, grade, skipped, comments } of checks) {
        // 10 is good, 7 nearly so.
        if (skipped || grade >= 10) continue;
        const reason = [check.id, `${object} ${check.id}`].find((key) => key in explained);
        if (reason === undefined)
          unexplained.push(`${name}: ${object}: ${check.id}: ${JSON.stringify(comments)}`);
        used.add(reason);
      }
  }
  const unused = Object.keys(explained).filter((key) => !used.has(key));
  if (unused.length > 0) unexplained.push(`explained, and not found: ${unused.join(', ')}`);
  if (unexplained.length > 0) throw new Error(unexplained.join('\n'));
  return `${Object.keys(explained).length} findings explained`;
};
