/** `npm run verify:deploy`: checks everything that is deployed with the real tools. The last line has the counts. */
import { readdir } from 'node:fs/promises';
import { delimiter, dirname } from 'node:path';
import { giveUp } from '../bootstrap/launch.mjs';
import { prepare } from '../bootstrap/prepare.mjs';
import { lineOf, total } from '../test/counts.mjs';
import { choose } from './choose.mjs';
import { runChecks } from './run-checks.mjs';

const help = `npm run verify:deploy                       every check that this machine can run; names the others, with the reason
npm run verify:deploy -- <word> [<word>]    checks whose name has a word in it: helm, compose, "k8s: rollout"; figures
npm run verify:deploy -- --quick            without those that take more than a minute
npm run verify:deploy -- --no-builds        without those whose programs would first take minutes to build
npm run verify:deploy -- --list             their names, and what each needs

The programs (helm, promtool, kube-apiserver, podman …) are downloaded or built into .tools/ once. The first run takes
about half an hour on two cores and 4 GB in Go's own caches, later runs take minutes. FEDERATION_TOOLS names another
folder for the programs, which several checkouts may share. Images need root, because apt-get installs podman when it is
missing. When a program is not available, its checks are skipped and named; with CI=true that is a failure.
The last line is "N passed, N failed, N skipped".`;

/** @returns {Promise<import('./checks/types.d.ts').Check[]>} in the order of the files' names */
const everyCheck = async () => {
  const folder = new URL('checks/', import.meta.url);
  const files = (await readdir(folder)).filter((name) => name.endsWith('.mjs')).sort();
  const modules = await Promise.all(files.map((name) => import(new URL(name, folder).href)));
  return modules.flatMap(({ checks }) => checks);
};

const args = process.argv.slice(2);
if (args.includes('--help') || args.includes('-h')) {
  console.log(help);
  process.exit();
}
const wrong = args.find((arg) => arg.startsWith('-') && !['--quick', '--no-builds', '--list'].includes(arg));
if (wrong !== undefined) giveUp(new Error(`${wrong} is not an option.\n\n${help}`));

const checks = choose(await everyCheck(), {
  words: args.filter((arg) => !arg.startsWith('-')),
  quick: args.includes('--quick'),
});
if (checks.length === 0)
  giveUp(new Error('no check has such a name; npm run verify:deploy -- --list names them'));
if (args.includes('--list')) {
  for (const { name, needs, slow } of checks)
    console.log(`${name}${slow ? ' (slow)' : ''}${needs.length > 0 ? `: needs ${needs.join(', ')}` : ''}`);
  process.exit();
}

const { node, env, natsServerProblem } = await prepare({ log: console.log, natsServer: true }).catch(giveUp);
if (natsServerProblem !== undefined) console.log(natsServerProblem);
const NATS_SERVER_BIN = env['NATS_SERVER_BIN'];
const PATH = [dirname(node), ...(NATS_SERVER_BIN ? [dirname(NATS_SERVER_BIN)] : []), env['PATH']].join(
  delimiter,
);
const counts = await runChecks(checks, {
  node,
  env: { ...env, PATH },
  log: console.log,
  builds: !args.includes('--no-builds'),
  missingFails: process.env['CI'] === 'true' || process.env['CI'] === '1',
});
const all = total(counts);
console.log(lineOf(all));
process.exit(all.failed === 0 ? 0 : 1);
