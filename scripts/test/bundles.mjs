import { join } from 'node:path';
import { checkout } from '../bootstrap/checkout.mjs';

/**
 * Bundles the services as the images have them, for the tests that run them as processes. What ships is what is tested,
 * and a bundle starts in less time than its sources.
 * @returns {Promise<string>} the folder, with `<name>.mjs` for each
 */
export const bundlesForTests = async () => {
  // esbuild is there only now.
  const [{ bundle }, { stop }] = await Promise.all([import('../build/bundle.mjs'), import('esbuild')]);
  const folder = join(checkout, '.cache', 'bundles');
  /** @type {import('../build/bundle.mjs').ProgramName[]} */
  const services = ['gateway-link', 'aws-discovery', 'subscription-manager', 'agent'];
  await Promise.all(services.map((name) => bundle(name, folder)));
  await stop(); // Its process has a gigabyte by now.
  return folder;
};
