/** The chart's gravitee.yml, read by the agent itself. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { objectsOf, render } from './chart.mjs';

/** @typedef {import('../checks/types.d.ts').Context} Context */
/** @typedef {import('./chart.mjs').Installation} Installation */

const stores = 'libs/net/test/fixtures';

/**
 * What a pod would have and this machine has not: the files of mounted Secrets, and the values of others.
 * @param {string} gravitee @param {string} checkout
 */
const asInAPod = (gravitee, checkout) =>
  gravitee
    .replace(/\/opt\/\S+truststore\.p12/, join(checkout, stores, 'truststore-java17.p12'))
    .replace(/\/opt\/\S+keystore\.p12/, join(checkout, stores, 'server.p12'))
    .replaceAll(/secret:\/\/kubernetes\/\S+/g, 'changeit');

/**
 * @param {Context} context
 * @param {string} name
 * @param {Installation} installation
 * @returns {Promise<string | undefined>} what the agent says against it
 */
export const refusalOfAgent = async (context, name, installation) => {
  const { checkout, scratch, node, run } = context;
  const objects = objectsOf(await render(context, installation));
  const gravitee = objects.find(({ kind }) => kind === 'Secret')?.stringData?.['gravitee.yml'];
  if (gravitee === undefined) return `${name}: there is no Secret with a gravitee.yml`;
  const file = join(scratch, `${name.replaceAll(' ', '-')}.yml`);
  await writeFile(file, asInAPod(gravitee, checkout));
  const sealingKey = Buffer.alloc(32, 7).toString('base64');
  const { code, stdout, stderr } = await run(
    node,
    ['services/standalone/src/main.ts', '--print-config', '--config', file],
    { env: { PATH: process.env['PATH'], gravitee_federation_sealingKey: sealingKey } },
  );
  return code === 0 && stderr === '' ? undefined : `${name}: ended with ${code}\n${stderr}${stdout}`;
};
