/** `npm run licences`: checks whether we may use and ship every package of the tree. */
import { giveUp } from './bootstrap/launch.mjs';
import { prepare } from './bootstrap/prepare.mjs';
import { judgeCheckout } from './licences/read.mjs';

const help = `npm run licences
  Checks the licence of each package in package-lock.json, including those for other platforms, against
  scripts/licences/allowed.json. It names each package with another licence or without one, and the package that needs
  it; then the exit code is 1.
    npm run licences -- --list    prints all packages, by licence`;

const args = process.argv.slice(2);
if (args.some((arg) => arg !== '--list')) {
  const asked = args.includes('--help') || args.includes('-h');
  (asked ? console.log : console.error)(help);
  process.exit(asked ? 0 : 2);
}

await prepare({ log: console.error, natsServer: false }).catch(giveUp);
const { packages, refused } = judgeCheckout();
const byLicence = Object.entries(Object.groupBy(packages, ({ licence }) => licence ?? 'none'));
for (const [licence, of = []] of byLicence.sort(([, a = []], [, b = []]) => b.length - a.length)) {
  console.log(`${String(of.length).padStart(4)}  ${licence}`);
  if (args.includes('--list'))
    for (const { name, version, dev } of of)
      console.log(`        ${name} ${version}${dev ? ' (development)' : ''}`);
}
for (const line of refused) console.error(line);
console.log(`${packages.length} packages, ${refused.length} refused`);
process.exitCode = refused.length === 0 ? 0 : 1;
