import { existsSync } from 'node:fs';
import { join } from 'node:path';

/** @typedef {import('../checks/types.d.ts').Context} Context */

/** Text from others, or text that becomes YAML only through a template. */
const notOurs = /^tests\/e2e\/official-page\/|^deploy\/helm\/[^/]+\/templates\//;

/**
 * Files of the checkout that git knows or would take, of these patterns.
 * @param {Context} context
 * @param {string[]} patterns as of `git ls-files`
 * @returns {Promise<string[]>} below the checkout, at least one
 */
export const filesLike = async ({ checkout, must }, ...patterns) => {
  const said = await must('git', ['ls-files', '-co', '--exclude-standard', '--', ...patterns]);
  const files = said.split('\n').filter((file) => file !== '' && !notOurs.test(file));
  const there = files.filter((file) => existsSync(join(checkout, file)));
  if (there.length === 0) throw new Error(`no file is like ${patterns.join(' ')}`);
  return there;
};
