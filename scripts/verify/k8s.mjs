/**
 * `npm run verify:k8s`: secrets read from a real kube-apiserver with RBAC. The first run builds the cluster's programs from
 * source (Go 1.26, about 15 minutes); they stay in `.tools/k8s`.
 *   npm run verify:k8s -- --keep    leaves the cluster running
 */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { checkout } from '../bootstrap/checkout.mjs';
import { giveUp } from '../bootstrap/launch.mjs';
import { prepare } from '../bootstrap/prepare.mjs';

const { node, env } = await prepare({ log: console.error, natsServer: false }).catch(giveUp);
/** @param {string} command @param {string[]} args */
const run = (command, ...args) =>
  spawnSync(command, args, { stdio: 'inherit', env, cwd: checkout }).status ?? 1;

const up = join(checkout, 'scripts', 'verify', 'k8s-up.sh');
let code = run(up);
if (code === 0) code = run(node, join(checkout, 'scripts', 'verify', 'k8s-secrets.ts'));
if (!process.argv.includes('--keep')) run(up, 'stop');
process.exitCode = code;
