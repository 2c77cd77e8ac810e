import { join } from 'node:path';
import { run } from '../bootstrap/run.mjs';
import { parseVersion } from '../bootstrap/versions.mjs';

const javaHome = process.env['JAVA_HOME'];

const tools = [
  { name: 'JDK', command: javaHome ? join(javaHome, 'bin', 'javac') : 'javac', args: ['-version'] },
  { name: 'Maven', command: 'mvn', args: ['--version'] },
  // Debian's python3 comes without the part that makes a virtual environment.
  {
    name: 'Python',
    command: process.env['PYTHON'] ?? 'python3',
    args: ['-c', 'import ensurepip, sys, venv; print(sys.version)'],
  },
];

/**
 * What the interop tests need beside the checkout: a version each, or undefined where it is missing.
 * @returns {Promise<{ name: string, version: string | undefined }[]>}
 */
export const interopTools = () =>
  Promise.all(
    tools.map(async ({ name, command, args }) => {
      const { code, stdout, stderr } = await run(command, args);
      return { name, version: code === 0 ? parseVersion(stdout + stderr).join('.') : undefined };
    }),
  );

/** As the tests themselves ask for it, in `tests/support/tool-probe.ts`. */
const oldestJdk = 17;

/**
 * Is all there that the real APIM controller needs?
 * @param {{ name: string, version: string | undefined }[]} found
 */
export const canRunController = (found) => {
  const versionOf = (/** @type {string} */ wanted) => found.find(({ name }) => name === wanted)?.version;
  return versionOf('Maven') !== undefined && Number.parseInt(versionOf('JDK') ?? '0', 10) >= oldestJdk;
};
