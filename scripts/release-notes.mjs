/** `node scripts/release-notes.mjs <version>`: what CHANGELOG.md says of it; used by .github/workflows/release.yml. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { checkout } from './bootstrap/checkout.mjs';
import { giveUp } from './bootstrap/launch.mjs';
import { notesOf } from './release/notes.mjs';

const help = `node scripts/release-notes.mjs <version>
  Prints what CHANGELOG.md says of a version. It fails for one that has no date there, or that package.json does not have.`;

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
