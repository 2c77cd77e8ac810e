/** The configuration of the pods, read by the programs that run in them: the services and nats-server. */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { environmentOf, layOut } from './in-a-pod.mjs';
import { given, madeSecrets } from './made-secrets.mjs';
import { agentsOf, podLabels, workloadsOf } from './objects.mjs';
import { waysOf } from './ways.mjs';

/** @typedef {import('../checks/types.d.ts').Context} Context */

/** The ways whose pods have different configurations. */
const different = ['single with everything', 'scaled with everything', 'README services'];

/** @param {string} component */
const mainOf = (component) => `services/${component === 'agent' ? 'standalone' : component}/src/main.ts`;

/**
 * Each service reads its gravitee.yml, its variables and its Secrets.
 *
 * @param {Context} context
 * @returns {Promise<string>}
 */
export const servicesAccept = async (context) => {
  const { scratch, node, run } = context;
  const ways = await waysOf(context);
  const refusals = [];
  let asked = 0;
  for (const name of different) {
    const { overlay, objects } = ways[name] ?? { overlay: '', objects: [] };
    const secrets = await madeSecrets(context, [overlay]);
    for (const workload of agentsOf(objects)) {
      const component = podLabels(workload)['app.kubernetes.io/component'] ?? '';
      const folder = join(scratch, String(asked));
      await layOut(objects, workload, secrets, folder);
      const env = environmentOf(objects, workload, secrets);
      const file = join(folder, env['GRAVITEE_CONF'] ?? '');
      const said = await run(node, [mainOf(component), '--print-config'], {
        env: { PATH: process.env['PATH'], ...env, GRAVITEE_CONF: file },
      });
      asked += 1;
      if (said.code !== 0 || said.stderr !== '' || said.stdout.includes(given.APIM_TOKEN))
        refusals.push(`${name}, ${component}: ended with ${said.code}\n${said.stderr}${said.stdout}`);
    }
  }
  if (refusals.length > 0) throw new Error(refusals.join('\n'));
  return `${asked} pods`;
};

/** Runs `nats-server -t` with the files of its pod. @param {Context} context @returns {Promise<string>} */
export const natsAccepts = async (context) => {
  const { scratch, run, tool } = context;
  const { objects } = (await waysOf(context))['scaled'] ?? { objects: [] };
  const workload = workloadsOf(objects).find(({ metadata }) => metadata.name === 'nats');
  const secrets = await madeSecrets(context, ['scaled']);
  const mounts = await layOut(objects, workload, secrets, scratch);
  const file = join(scratch, workload.spec.template.spec.containers[0].args[1]);
  const text = mounts
    .toSorted((one, other) => other.length - one.length)
    .reduce(
      (config, path) => config.replaceAll(` ${path}/`, ` ${scratch}${path}/`),
      await readFile(file, 'utf8'),
    );
  await writeFile(file, text.replace('store_dir: /data', `store_dir: ${scratch}/data`));
  const env = environmentOf(objects, workload, secrets);
  const { code, stdout, stderr } = await run(tool('nats-server'), ['-t', '-c', file], { env });
  if (code !== 0 || !/configuration file .* is valid/.test(stdout + stderr))
    throw new Error(`nats-server ended with ${code}:\n${stdout}${stderr}`);
  return `${mounts.length} mounts, ${Object.keys(secrets['federation-agent-nats'] ?? {}).length} users`;
};
