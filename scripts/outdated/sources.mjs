/** Asks this machine's clients for the versions of something, so their configured registries and proxies apply. */
import { execFile } from 'node:child_process';
import { tmpdir } from 'node:os';
import { promisify } from 'node:util';

/** @typedef {import('./types.d.ts').Source} Source */
/** @typedef {import('./types.d.ts').Answer} Answer */

const patience = 60_000;
const bufferBytes = 64 * 1_024 * 1_024;

/**
 * @param {Source} source
 * @returns {Promise<Answer | Error>} an Error says why there is no answer
 */
export const ask = async (source) => {
  try {
    const answer = await askers[source.kind](source.name);
    return answer.versions.length > 0 ? answer : new Error('no version was named');
  } catch (error) {
    return new Error(reasonOf(error));
  }
};

/** @type {Record<Source['kind'], (name: string) => Promise<Answer>>} */
const askers = {
  npm: async (name) => {
    const started = process.env['npm_execpath'] ?? '';
    const own = /npm-cli\.c?js$/.test(started) ? [process.execPath, started] : ['npm'];
    const said = JSON.parse(await run(...own, 'view', name, 'versions', 'dist-tags.latest', '--json'));
    return { versions: [said.versions].flat(), latest: said['dist-tags.latest'] };
  },
  go: async (name) => ({
    versions: (await run('go', 'list', '-m', '-versions', name)).trim().split(' ').slice(1),
  }),
  pip: async (name) => {
    const said = await run('python3', '-m', 'pip', 'index', 'versions', name, '--disable-pip-version-check');
    return { versions: /Available versions: (.+)/.exec(said)?.[1]?.split(', ') ?? [] };
  },
  debian: async (name) => {
    const said = await run('apt-cache', 'policy', name);
    return { versions: /Candidate: (?:\d+:)?(\d+(?:\.\d+)+)/.exec(said)?.slice(1) ?? [] };
  },
  action: async (name) => {
    const said = await run('git', 'ls-remote', '--tags', `https://github.com/${name}`);
    // The commit of an annotated tag follows it, as `v1.2.3^{}`.
    const commits = Object.fromEntries(
      [...said.matchAll(/^([0-9a-f]{40})\trefs\/tags\/(\S+?)(?:\^\{\})?$/gm)].map(([, commit, tag]) => [
        tag,
        commit,
      ]),
    );
    return { versions: Object.keys(commits), commits };
  },
  image: async (name) => {
    if (/^[^/]+\.[^/]+\//.test(name)) throw new Error(`only Docker Hub is asked, not ${name.split('/')[0]}`);
    const repository = name.includes('/') ? name : `library/${name}`;
    const versions = [];
    /** @type {string | null} */
    let page = `https://hub.docker.com/v2/repositories/${repository}/tags?page_size=100`;
    for (let pages = 0; page !== null && pages < 10; pages += 1) {
      const response = await fetch(page, { signal: AbortSignal.timeout(patience) });
      if (!response.ok) throw new Error(`Docker Hub answers ${response.status}`);
      const { results, next } = /** @type {any} */ (await response.json());
      versions.push(...results.map((/** @type {any} */ one) => one.name));
      page = next;
    }
    return { versions };
  },
};

/** @param {string[]} line @returns {Promise<string>} stdout */
const run = async (...[command = '', ...args]) => {
  const env = { ...process.env, LC_ALL: 'C', GIT_TERMINAL_PROMPT: '0', GOFLAGS: '' };
  // Outside of any module, because a go.mod would influence the choice.
  const options = { env, cwd: tmpdir(), timeout: patience, maxBuffer: bufferBytes };
  return (await promisify(execFile)(command, args, options)).stdout;
};

/** The last thing that was said, in one line. @param {any} error */
const reasonOf = (error) => {
  if (error.code === 'ENOENT') return `there is no ${error.path} here`;
  if (error.killed) return `no answer in ${patience / 1_000} s`;
  const said = `${error.stderr ?? ''}`.trim() || error.cause?.message || error.message;
  return said.trim().split('\n').at(-1)?.slice(0, 160) ?? '';
};
