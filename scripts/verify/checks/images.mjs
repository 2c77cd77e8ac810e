/**
 * deploy/Dockerfile: built by podman on stand-ins for its base images, and run as strictly as a platform may run it.
 */
import { containers, hardened, imageOf, targets } from '../containers.mjs';
import { until } from '../processes.mjs';
import { sandboxEnvironment } from '../sandbox-agent.mjs';

/** @typedef {import('./types.d.ts').Context} Context */

/** The most that the agent's image may add to its base. */
const mostBytes = 150_000_000;
const needs = ['podman', 'nats-server'];

/** The sandbox in the same network, on its own ports. */
const sandboxVariables = Object.entries(sandboxEnvironment({ apim: 18090, aws: 18092 })).flatMap(
  ([name, value]) => ['-e', `${name}=${value}`],
);

/** @param {Context} context */
const buildAll = async (context) => {
  const { build, bases, podman } = containers(context);
  await bases();
  const base = Number(
    (
      await podman('image', 'inspect', '--format', '{{.Size}}', `docker.io/library/${await baseOf(context)}`)
    ).trim(),
  );
  const sizes = [];
  for (const target of targets) sizes.push({ target, added: (await build(target)) - base });
  const agent = sizes.find(({ target }) => target === 'agent');
  if (!agent || agent.added > mostBytes) throw new Error(`the agent adds ${agent?.added} bytes to its base`);
  return (
    sizes.map(({ target, added }) => `${target} ${(added / 1e6).toFixed(1)} MB`).join(', ') +
    ' beside the base'
  );
};

/** @param {Context} context */
const baseOf = async ({ must }) =>
  (await must('sed', ['-n', 's/^ARG NODE_IMAGE=//p', 'deploy/Dockerfile'])).trim();

const runSandbox = [
  'run',
  '-d',
  '--name',
  'verify-sandbox',
  '--network=host',
  ...hardened,
  imageOf('sandbox'),
];

/** @param {Context} context */
const playTheJob = async (context) => {
  const { podman, tryPodman, remove } = containers(context);
  const names = ['verify-sandbox', 'verify-agent'];
  for (const name of names) await remove(name);
  try {
    await podman(...runSandbox, '--once');
    // A user id that the image does not know, as some platforms choose one.
    await podman(
      'run',
      '-d',
      '--name',
      'verify-agent',
      '--network=host',
      '--user=54321:54321',
      '--memory=512m',
      ...hardened,
      ...sandboxVariables,
      imageOf('agent'),
    );
    const exit = (await podman('wait', 'verify-sandbox')).trim();
    const said = await podman('logs', 'verify-sandbox');
    if (exit !== '0')
      throw new Error(`the job: exit ${exit}\n${said}\n${await podman('logs', '--tail=20', 'verify-agent')}`);
    return { said, tryPodman, podman };
  } catch (error) {
    for (const name of names) await remove(name);
    throw error;
  }
};

/** @type {import('./types.d.ts').Check[]} */
export const checks = [
  {
    name: 'images: each target is built, none runs as root, and the agent is small',
    needs,
    slow: true,
    alone: true,
    run: buildAll,
  },
  {
    name: 'images: the whole job in a read-only container of a strange user; healthy, then SIGTERM to exit 0',
    needs,
    slow: true,
    alone: true,
    run: async (context) => {
      const { remove, podman, tryPodman } = containers(context);
      await remove('verify-sandbox');
      try {
        await playTheJob(context);
        await remove('verify-sandbox');
        await podman(...runSandbox);
        // There is no systemd to run the health check, so it is run by hand.
        await until(
          'a healthy agent',
          async () => (await tryPodman('healthcheck', 'run', 'verify-agent')).code === 0,
        );
        // No volume is mounted at /data, so the image's own volume is lost with the container.
        const logs = await podman('logs', 'verify-agent');
        if (!logs.includes('state is ephemeral'))
          throw new Error('it does not say that its state is ephemeral');
        const started = Date.now();
        await podman('kill', '--signal=TERM', 'verify-agent');
        const exit = (await podman('wait', 'verify-agent')).trim();
        const ms = Date.now() - started;
        if (exit !== '0' || ms > 10_000) throw new Error(`SIGTERM: exit ${exit} after ${ms} ms`);
        return `exit 0 ${(ms / 1_000).toFixed(1)} s after SIGTERM`;
      } finally {
        await remove('verify-agent');
        await remove('verify-sandbox');
      }
    },
  },
  {
    name: 'images: arguments go to the program, and nothing secret is in the history',
    needs,
    slow: true,
    alone: true,
    run: async (context) => {
      const { podman, tryPodman } = containers(context);
      const run = (/** @type {string[]} */ ...args) =>
        tryPodman('run', '--rm', '--network=none', ...hardened, ...args);
      for (const target of targets.filter((name) => name !== 'sandbox')) {
        const { code, stdout } = await run(imageOf(target), '--version');
        if (code !== 0 || !/^\d+\.\d+\.\d+\s*$/.test(stdout))
          throw new Error(`${target} --version: ${code} ${stdout}`);
      }
      for (const target of ['agent', 'console']) {
        const { code, stdout } = await run('--entrypoint=federation-agent', imageOf(target), 'ctl', '--help');
        if (code !== 0 || !stdout.includes('ctl')) throw new Error(`ctl in ${target}: ${code} ${stdout}`);
      }
      const doctor = await run(...sandboxVariables, imageOf('agent'), 'doctor');
      if (doctor.code !== 1 || !doctor.stdout.includes('tcp'))
        throw new Error(`doctor: ${doctor.code}\n${doctor.stdout}${doctor.stderr}`);
      const wrong = await run('-e', 'gravitee_integration_providers_0_type=none', imageOf('agent'));
      if (wrong.code !== 2) throw new Error(`a wrong configuration: exit ${wrong.code}\n${wrong.stderr}`);
      const history = await podman('history', '--no-trunc', '--format', '{{.CreatedBy}}', imageOf('agent'));
      if (/password|secret|token/i.test(history)) throw new Error(`the history:\n${history}`);
      return undefined;
    },
  },
  {
    name: 'images: hadolint',
    needs: ['hadolint'],
    run: async ({ tool, must }) => {
      await must(tool('hadolint'), ['deploy/Dockerfile']);
      return undefined;
    },
  },
];
