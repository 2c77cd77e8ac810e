/** What the whole agent needs: as sources, as a bundle, and as its image within the limits of the official values. */
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { containers, hardened, imageOf } from '../containers.mjs';
import { ageOf, memoryWhile } from '../figures/memory.mjs';
import { regions, sandboxAt, stages } from '../figures/work.mjs';
import { freePorts, until, withProcesses } from '../processes.mjs';
import { sandboxEnvironment } from '../sandbox-agent.mjs';

/** @typedef {import('./types.d.ts').Context} Context */
/** @typedef {{ pid: number, end: () => Promise<unknown> }} Started */
/** @typedef {(environment: Record<string, string>) => Promise<Started>} Form how an agent is started */

const mebibyte = 1024 * 1024;
/** From the official chart's values: the agent's memory request, and its limit. */
const atRestMiB = 256;
const underLoadMiB = 512;
const restMs = 15_000;

/** @param {Context} context @param {string} file @returns {Form} */
const processOf =
  ({ node, env, scratch }, file) =>
  async (environment) => {
    const child = spawn(node, [file], { cwd: scratch, env: { ...env, ...environment }, stdio: 'ignore' });
    const ended = new Promise((resolve) => child.once('exit', resolve));
    return {
      pid: child.pid ?? 0,
      end: async () => {
        child.kill('SIGTERM');
        await ended;
      },
    };
  };

/** @param {Context} context @returns {Form} */
const imageForm = (context) => async (environment) => {
  const { podman, remove } = containers(context);
  const name = 'verify-figures';
  await remove(name);
  const variables = Object.entries(environment).flatMap(([key, value]) => ['-e', `${key}=${value}`]);
  const limits = ['--user=54321:54321', `--memory=${underLoadMiB}m`, '--network=host'];
  await podman('run', '-d', '--name', name, ...limits, ...hardened, ...variables, imageOf('agent'));
  const pid = Number(await podman('inspect', '--format', '{{.State.Pid}}', name));
  return { pid, end: () => remove(name) };
};

/** @param {Context} context @param {string} name @param {Form} form */
const measure = async (context, name, form) =>
  withProcesses(async (start) => {
    const [apim = 0, control = 0, aws = 0, health = 0] = await freePorts(4);
    const ports = ['--apim-port', apim, '--control-port', control, '--aws-port', aws].map(String);
    start(context.node, [join(context.checkout, 'sandbox/src/serve.ts'), ...ports], context.env);
    const sandbox = sandboxAt({ control, aws });
    await until('the sandbox', () =>
      sandbox.connected().then(
        () => true,
        () => false,
      ),
    );
    const agent = await form({
      ...sandboxEnvironment({ apim, aws }),
      gravitee_integration_providers_0_configuration_region: regions.join(','),
      gravitee_integration_providers_0_configuration_requestsPerSecond: '8',
      gravitee_integration_providers_0_configuration_burst: '8',
      gravitee_services_core_http_port: String(health),
      ...(name !== 'image' && { gravitee_federation_dataDir: join(context.scratch, name) }),
    });
    try {
      for (const end = Date.now() + 60_000; !(await sandbox.connected());) {
        if (Date.now() > end) throw new Error(`${name}: no HELLO within a minute`);
        await new Promise((resolve) => setTimeout(resolve, 10));
      }
      const toHello = await ageOf(agent.pid);
      const rest = await memoryWhile(agent.pid, () => new Promise((resolve) => setTimeout(resolve, restMs)));
      const load = await memoryWhile(agent.pid, async () => {
        await sandbox.ingestAll();
        await sandbox.subscribeAll();
      });
      if (!(await sandbox.connected())) throw new Error(`${name}: the agent did not live through it`);
      return { name, toHello, rest: rest.least / mebibyte, load: load.most / mebibyte };
    } finally {
      await agent.end();
    }
  });

/** @type {import('./types.d.ts').Check[]} */
export const checks = [
  {
    name: `figures: start to HELLO, memory at rest and with ${stages} stages, as sources, bundle and image`,
    needs: ['podman', 'nats-server'],
    slow: true,
    measures: true,
    alone: true,
    run: async (context) => {
      const { bases, build } = containers(context);
      await bases();
      await build('agent');
      await context.must(context.node, ['scripts/build.mjs']);
      const forms = [
        ['sources', processOf(context, join(context.checkout, 'services/standalone/src/main.ts'))],
        ['bundle', processOf(context, join(context.checkout, 'dist/agent.mjs'))],
        ['image', imageForm(context)],
      ];
      const rows = [];
      for (const [name, form] of /** @type {[string, Form][]} */ (forms)) {
        const row = await measure(context, name, form);
        rows.push(row);
        context.log(
          `${name.padEnd(8)} start to HELLO ${row.toHello.toFixed(2)} s, at rest ${row.rest.toFixed(0)} MiB, at most ${row.load.toFixed(0)} MiB`,
        );
      }
      const image = rows.at(-1);
      if (!image || image.rest > atRestMiB || image.load > underLoadMiB)
        throw new Error(
          `the image needs more than ${atRestMiB} MiB at rest or ${underLoadMiB} MiB under load`,
        );
      return undefined;
    },
  },
];
