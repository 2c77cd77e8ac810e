import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';

/** The source files of a checkout, including new ones. @param {string} checkout @returns {string[]} paths below it */
export const sourcesOf = (checkout) =>
  execFileSync('git', ['ls-files', '-co', '--exclude-standard', '--', '*.ts', '*.tsx', '*.mjs', '*.js'], {
    cwd: checkout,
    encoding: 'utf8',
  })
    .split('\n')
    .filter((file) => file !== '' && existsSync(join(checkout, file)));
