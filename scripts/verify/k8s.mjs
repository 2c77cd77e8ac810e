/**
 * `npm run verify:k8s`: secrets read from a real kube-apiserver with RBAC. The first run builds the cluster's programs from
 * source (Go 1.26, about 15 minutes); they stay in `.tools/k8s`.
 */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { checkout } from '../bootstrap/checkout.mjs';
import { giveUp } from '../bootstrap/launch.mjs';
import { prepare } from '../bootstrap/prepare.mjs';

const help = `npm run verify:k8s
  Reads secrets from a real kube-apiserver with RBAC. The first run builds the cluster's programs from source (Go 1.26,
  10 to 15 minutes on two cores, 4 GB in Go's own caches); the programs stay in .tools/k8s.
    npm run verify:k8s -- --keep    leaves the cluster running; scripts/verify/k8s-up.sh stop ends it`;

const args = process.argv.slice(2);
if (args.some((arg) => arg !== '--keep')) {
  const asked = args.includes('--help') || args.includes('-h');
  (asked ? console.log : console.error)(help);
  process.exit(asked ? 0 : 2);
}

const { node, env } = await prepare({ log: console.error, natsServer: false }).catch(giveUp);
/** @param {string} command @param {string[]} args */
const run = (command, ...args) =>
  spawnSync(command, args, { stdio: 'inherit', env, cwd: checkout }).status ?? 1;

const up = join(checkout, 'scripts', 'verify', 'k8s-up.sh');
let code = run(up);
if (code === 0) code = run(node, join(checkout, 'scripts', 'verify', 'k8s-secrets.ts'));
if (!args.includes('--keep')) run(up, 'stop');
process.exitCode = code;
