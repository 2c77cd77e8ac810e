import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { checkout } from '../bootstrap/checkout.mjs';
import { run, took } from '../bootstrap/run.mjs';
import { ensureTool, NotBuiltError, toolsFolder } from './tools/fetch.mjs';

/** @typedef {import('./checks/types.d.ts').Check} Check */
/** @typedef {import('./checks/types.d.ts').Context} Context */
/** @typedef {import('../test/counts.mjs').Counts} Counts */

/**
 * @typedef {object} Options
 * @property {string} node
 * @property {NodeJS.ProcessEnv} env
 * @property {(line: string) => void} log
 * @property {boolean} missingFails is a program that cannot be had a failure, or a skipped check?
 * @property {boolean} builds may programs be built that take many minutes? Else the checks that need them are skipped
 */

/** Checks at once, of those that start nothing: as many as two cores can do. */
const concurrency = 2;
const counted = {
  passed: { passed: 1, failed: 0, skipped: 0 },
  failed: { passed: 0, failed: 1, skipped: 0 },
  skipped: { passed: 0, failed: 0, skipped: 1 },
};

/**
 * Runs checks, those that start servers or containers one after the other at the end; a line each as it ends.
 * @param {readonly Check[]} checks
 * @param {Options} options
 * @returns {Promise<Counts[]>}
 */
export const runChecks = async (checks, options) => {
  const together = checks.filter(({ alone }) => alone !== true);
  const queue = [...together];
  /** @type {Counts[]} */
  const counts = [];
  const runNext = async () => {
    for (let next = queue.shift(); next !== undefined; next = queue.shift())
      counts.push(await runCheck(next, options));
  };
  await Promise.all(Array.from({ length: concurrency }, runNext));
  for (const check of checks) if (check.alone === true) counts.push(await runCheck(check, options));
  return counts;
};

/** @param {Check} check @param {Options} options @returns {Promise<Counts>} */
const runCheck = async (check, { node, env, log, missingFails, builds }) => {
  /** @type {Map<string, string>} */
  const paths = new Map();
  try {
    for (const name of check.needs) paths.set(name, await ensureTool(name, { log, builds }));
  } catch (error) {
    log(`NOT RUN  ${check.name}: ${/** @type {Error} */ (error).message}`);
    return missingFails && !(error instanceof NotBuiltError) ? counted.failed : counted.skipped;
  }
  const scratch = await mkdtemp(join(tmpdir(), 'verify-'));
  const started = Date.now();
  try {
    const seen = await check.run(contextOf({ check, paths, scratch, node, env, log }));
    log(`ok       ${check.name}${seen ? `: ${seen}` : ''} (${took(started)})`);
    return counted.passed;
  } catch (error) {
    log(`FAILED   ${check.name} (${took(started)})\n${indented(/** @type {Error} */ (error).message)}`);
    return counted.failed;
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
};

/**
 * @param {{ check: Check, paths: Map<string, string>, scratch: string, node: string, env: NodeJS.ProcessEnv, log:
 * (line: string) => void }} parts
 * @returns {Context}
 */
const contextOf = ({ check, paths, scratch, node, env, log }) => {
  const inside = { ...env, FEDERATION_TOOLS: toolsFolder };
  /** @type {Context['run']} */
  const runIn = (command, args, { cwd = checkout, env: more = inside, input } = {}) =>
    run(command, [...args], { cwd, env: more, ...(input !== undefined && { input }) });
  return {
    checkout,
    scratch,
    node,
    env: inside,
    log: (line) => log(`         ${line}`),
    tool: (name) => {
      const path = paths.get(name);
      if (path === undefined) throw new Error(`${check.name} does not say that it needs ${name}`);
      return path;
    },
    run: runIn,
    must: async (command, args, options) => {
      const { code, stdout, stderr } = await runIn(command, args, options);
      if (code !== 0)
        throw new Error(`${command} ${args.join(' ')} ended with ${code}:\n${stdout}${stderr}`.trim());
      return stdout;
    },
  };
};

/** @param {string} text */
const indented = (text) =>
  text
    .split('\n')
    .slice(0, 80)
    .map((line) => `         ${line}`)
    .join('\n');
