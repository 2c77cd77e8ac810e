import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { checkout } from '../bootstrap/checkout.mjs';
import { grown } from '../build/sizes.mjs';

/**
 * Bundles the services as the images have them, for the tests that run them as processes. What ships is what is tested,
 * and a bundle starts in less time than its sources.
 * @returns {Promise<string>} the folder, with `<name>.mjs` for each
 * @throws {Error} when a bundle has grown, see `sizes.mjs`
 */
export const bundlesForTests = async () => {
  // esbuild is there only now.
  const [{ bundle }, { stop }] = await Promise.all([import('../build/bundle.mjs'), import('esbuild')]);
  const folder = join(checkout, '.cache', 'bundles');
  /** @type {import('../build/bundle.mjs').ProgramName[]} */
  const services = ['gateway-link', 'aws-discovery', 'subscription-manager', 'console', 'agent'];
  const lines = await Promise.all(
    (await bundle(services, folder)).map(async ({ name, files }) => {
      const { size } = await stat(join(folder, `${name}.mjs`));
      return grown(name, { files, bytes: size });
    }),
  );
  await stop(); // Its process has a gigabyte by now.
  if (lines.flat().length > 0) throw new Error(lines.flat().join('\n'));
  return folder;
};
