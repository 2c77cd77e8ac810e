/**
 * `node scripts/release-notes.mjs <version>`: prints what CHANGELOG.md says about it; used by
 * .github/workflows/release.yml.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { checkout } from './bootstrap/checkout.mjs';
import { giveUp } from './bootstrap/launch.mjs';
import { notesOf } from './release/notes.mjs';

const help = `node scripts/release-notes.mjs <version>
  Prints what CHANGELOG.md says about a version. It fails when the version has no date there, or when package.json has
  another version.`;

const [version, ...rest] = process.argv.slice(2);
if (version === undefined || version.startsWith('-') || rest.length > 0) {
  const asked = version === '--help' || version === '-h';
  (asked ? console.log : console.error)(help);
  process.exit(asked ? 0 : 2);
}

/** @param {string} name */
const read = (name) => readFileSync(join(checkout, name), 'utf8');
try {
  console.log(notesOf(read('CHANGELOG.md'), version, JSON.parse(read('package.json')).version));
} catch (error) {
  giveUp(/** @type {Error} */ (error));
}
