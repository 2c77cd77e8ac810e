/** What surrounds the code: workflows, shell, YAML, one version everywhere, licences. */
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { parse } from 'yaml';
import { judgeCheckout } from '../../licences/read.mjs';
import { breachOf, usesIn } from '../repository/actions.mjs';
import { filesLike } from '../repository/files.mjs';
import { anchorsIn, linksIn } from '../repository/links.mjs';
import { versionsIn } from '../repository/versions.mjs';

const workflows = '.github/workflows/*.yml';

/** @param {string[]} wrong @param {string} seen */
const passUnless = (wrong, seen) => {
  if (wrong.length > 0) throw new Error(wrong.join('\n'));
  return seen;
};

/** @type {import('./types.d.ts').Check[]} */
export const checks = [
  {
    name: 'repository: actionlint, with the shell inside workflows',
    needs: ['actionlint', 'shellcheck'],
    run: async (context) => {
      const files = await filesLike(context, workflows);
      // Its paths are relative to its working folder, and it looks for pyflakes unless told not to.
      const args = ['-no-color', '-shellcheck', context.tool('shellcheck'), '-pyflakes=', ...files];
      await context.must(context.tool('actionlint'), args);
      return `${files.length} workflows`;
    },
  },
  {
    name: 'repository: every action is pinned to a commit, with its version beside it',
    needs: [],
    run: async (context) => {
      const wrong = [];
      let count = 0;
      for (const file of await filesLike(context, workflows)) {
        const uses = usesIn(await readFile(join(context.checkout, file), 'utf8'));
        count += uses.length;
        for (const use of uses) {
          const breach = breachOf(use);
          if (breach !== undefined) wrong.push(`${file}:${use.line}: ${breach}`);
        }
      }
      return passUnless(wrong, `${count} uses`);
    },
  },
  {
    name: 'repository: every job of a workflow says what it may do and how long',
    needs: [],
    run: async (context) => {
      const wrong = [];
      let count = 0;
      for (const file of await filesLike(context, workflows)) {
        const { permissions, jobs } = parse(await readFile(join(context.checkout, file), 'utf8'));
        if (JSON.stringify(permissions) !== '{}') wrong.push(`${file}: permissions of all jobs are not {}`);
        for (const [name, job] of Object.entries(jobs)) {
          count += 1;
          if (job.permissions === undefined) wrong.push(`${file}: ${name} has no permissions`);
          // A workflow that is called has its own timeout.
          if (job.uses === undefined && job['timeout-minutes'] === undefined)
            wrong.push(`${file}: ${name} has no timeout-minutes`);
        }
      }
      return passUnless(wrong, `${count} jobs`);
    },
  },
  {
    name: 'repository: shellcheck',
    needs: ['shellcheck'],
    run: async (context) => {
      const files = await filesLike(context, '*.sh', '.ci/run');
      await context.must(context.tool('shellcheck'), ['--color=never', ...files]);
      return `${files.length} scripts`;
    },
  },
  {
    name: 'repository: yamllint',
    needs: ['yamllint'],
    run: async (context) => {
      const files = await filesLike(context, '*.yml', '*.yaml');
      await context.must(context.tool('yamllint'), ['--strict', '--format', 'parsable', ...files]);
      return `${files.length} files`;
    },
  },
  {
    name: 'repository: one version everywhere',
    needs: [],
    run: async (context) => {
      const read = (/** @type {string} */ file) => readFile(join(context.checkout, file), 'utf8');
      const { version } = JSON.parse(await read('package.json'));
      const kinds = [
        '*.json',
        '*.yml',
        '*.yaml',
        '*.md',
        '*.mjs',
        '*/version.ts',
        '*Dockerfile',
        '*.example',
        '*.gotmpl',
      ];
      const wrong = [];
      let count = 0;
      for (const file of await filesLike(context, ...kinds)) {
        const { found, must } = versionsIn(file, await read(file));
        count += found.length;
        if (must && found.length === 0) wrong.push(`${file} does not say the version`);
        for (const other of new Set(found.filter((one) => one !== version)))
          wrong.push(`${file} says ${other}, package.json says ${version}`);
      }
      return passUnless(wrong, `${version} in ${count} places`);
    },
  },
  {
    name: 'repository: every link between pages leads somewhere',
    needs: [],
    run: async (context) => {
      const wrong = [];
      let count = 0;
      for (const file of await filesLike(context, '*.md')) {
        const text = await readFile(join(context.checkout, file), 'utf8');
        for (const { path, anchor } of linksIn(text)) {
          count += 1;
          const target = path === '' ? file : join(dirname(file), path);
          if (!existsSync(join(context.checkout, target))) wrong.push(`${file}: there is no ${path}`);
          else if (anchor !== '') {
            const other = await readFile(join(context.checkout, target), 'utf8');
            if (!anchorsIn(other).includes(anchor)) wrong.push(`${file}: ${path} has no heading #${anchor}`);
          }
        }
      }
      return passUnless(wrong, `${count} links`);
    },
  },
  {
    name: 'repository: licences of every package',
    needs: [],
    run: async () => {
      const { packages, refused } = judgeCheckout();
      return passUnless(refused, `${packages.length} packages`);
    },
  },
];
