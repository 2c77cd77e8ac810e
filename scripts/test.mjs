/** `npm test`: types, lint, format and jest; goes through all of them, and ends with the counts on one line. */
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { checkout } from './bootstrap/checkout.mjs';
import { oldestVersion } from './bootstrap/nats-server.mjs';
import { copyPages, ensurePages } from './bootstrap/pages.mjs';
import { prepare } from './bootstrap/prepare.mjs';
import { run, took } from './bootstrap/run.mjs';
import { lineOf, total } from './test/counts.mjs';
import { bundlesForTests } from './test/bundles.mjs';
import { checks, help, planOf } from './test/plan.mjs';
import { canRunController, interopTools } from './test/tools.mjs';

/** @typedef {import('./test/counts.mjs').Counts} Counts */

const passed = { passed: 1, failed: 0, skipped: 0 };
const none = { passed: 0, failed: 0, skipped: 0 };
const failed = { passed: 0, failed: 1, skipped: 0 };
const inCi = process.env['CI'] === 'true' || process.env['CI'] === '1';

/** Checks run beside jest and leave the processor to it: a test may wait for a process, a check waits for nobody. */
const niceness = 10;
/** The programs of the checks fill their memory at once: a third of their time would be garbage collection. */
const largeNursery = '--max-semi-space-size=128';

/**
 * Says at once how a check went, and answers what is wrong.
 * @param {string} node @param {NodeJS.ProcessEnv} env @param {keyof typeof checks} name
 * @returns {Promise<{ name: string, problems: string[] }>}
 */
const check = async (node, env, name) => {
  const started = Date.now();
  /** @type {string[]} */
  const problems = [];
  for (const [script = '', ...args] of checks[name]) {
    const options = { cwd: checkout, env, niceness };
    const { code, stdout, stderr } = await run(
      node,
      [largeNursery, join(checkout, script), ...args],
      options,
    );
    if (code !== 0) problems.push(`${stdout}${stderr}`.trimEnd());
  }
  console.log(`${name}: ${problems.length === 0 ? 'passed' : 'FAILED'} (${took(started)})`);
  return { name, problems };
};

/** For code that is loaded anew in each test file, and runs there once: to optimize it costs more than it saves. */
const shortLived = ['--no-turbofan', '--max-semi-space-size=64'];

/** @param {string} node @param {NodeJS.ProcessEnv} env @param {string[]} args @returns {Promise<Counts>} */
const jest = (node, env, args) =>
  new Promise((resolve) => {
    const started = Date.now();
    const options = [
      env['NODE_OPTIONS'],
      '--experimental-vm-modules',
      '--disable-warning=ExperimentalWarning',
    ];
    const program = join(checkout, 'node_modules', 'jest', 'bin', 'jest.js');
    const child = spawn(node, [...shortLived, program, ...args], {
      cwd: checkout,
      env: {
        ...env,
        NODE_OPTIONS: options.filter(Boolean).join(' '),
        SWC_NATIVE_BINDING_CACHE: join(checkout, '.cache', 'swc'), // Else it unpacks itself into the home folder.
      },
      stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
    });
    /** @type {Counts | undefined} */
    let counts;
    process.on('SIGTERM', () => child.kill('SIGTERM'));
    child.on('message', (message) => (counts = /** @type {Counts} */ (message)));
    child.on('close', (code) => {
      console.log(`jest: ${code === 0 ? 'passed' : 'FAILED'} (${took(started)})`);
      // jest may fail without a failed test: nothing found, coverage, a crash.
      if (code === 0 && counts !== undefined) resolve(counts);
      else resolve({ ...(counts ?? none), failed: Math.max(counts?.failed ?? 0, 1) });
    });
  });

const args = process.argv.slice(2);
if (args[0] === '--help' || args[0] === '-h') {
  console.log(help);
  process.exit();
}

const tools = await interopTools();
// In CI a missing controller is a failure: its tests say so.
const plan = planOf(args, inCi || canRunController(tools));
const { node, env, natsServerProblem } = await prepare({
  log: console.log,
  natsServer: plan.natsServer === 'oldest' ? oldestVersion : plan.natsServer,
}).catch((/** @type {Error} */ error) => {
  console.log(error.message);
  console.log(lineOf(failed));
  process.exit(1);
});
console.log(`Node: ${(await run(node, ['--version'])).stdout.trim()} (${node})`);
const server = env['NATS_SERVER_BIN'];
if (natsServerProblem !== undefined) console.log(natsServerProblem);
else if (server && plan.natsServer)
  console.log(`${(await run(server, ['--version'])).stdout.trim()} (${server})`);

/** @type {Counts[]} */
const counts = [];

/** The services for the tests that run them as processes, as a variable for jest. */
const servicesBundled = async () => {
  try {
    const [folder, hasPages] = await Promise.all([
      bundlesForTests(),
      ensurePages({ node, env, log: console.log }),
    ]);
    if (hasPages) await copyPages(folder);
    else counts.push(failed);
    return { FEDERATION_TEST_BUNDLES: folder };
  } catch (error) {
    console.log(/** @type {Error} */ (error).message);
    counts.push(failed);
    return {};
  }
};

/** The packages, likewise. @param {string} node */
const packagesBundled = async (node) => {
  const { code, stdout, stderr } = await run(node, [join(checkout, 'scripts', 'test', 'packages.mjs')]);
  if (code === 0) return { FEDERATION_TEST_PACKAGES: stdout.trim() };
  console.log(`The packages are not bundled, tests load each module of them:\n${stderr}`);
  return {};
};

if (natsServerProblem !== undefined && inCi) counts.push(failed);
if (plan.interop) {
  for (const { name, version } of tools) console.log(`${name}: ${version ?? 'not found'}`);
}
const checking = plan.checks.map((name) => check(node, env, name));
if (plan.jest) {
  const roots = plan.jest.roots.map((folder) => `--roots=${join(checkout, folder)}`);
  const [bundles, packages] = await Promise.all([
    plan.bundles ? servicesBundled() : {},
    packagesBundled(node),
  ]);
  counts.push(await jest(node, { ...env, ...bundles, ...packages }, [...plan.jest.args, ...roots]));
}
for (const { name, problems } of await Promise.all(checking)) {
  counts.push(problems.length === 0 ? passed : failed);
  // Here, at the end, they are seen: jest says much.
  for (const problem of problems) console.log(`${name}:\n${problem}`);
}

const all = total(counts);
console.log(lineOf(all));
process.exitCode = all.failed === 0 ? 0 : 1;
