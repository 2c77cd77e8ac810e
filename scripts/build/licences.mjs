import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { checkout } from '../bootstrap/checkout.mjs';

/**
 * The licences of what a bundle holds, as its packages have them.
 * @param {readonly string[]} inputs files that were bundled, below the checkout
 * @returns {Promise<{ count: number, text: string }>}
 */
export const licencesOf = async (inputs) => {
  const folders = [...new Set(inputs.flatMap(packageFolder))].sort();
  const entries = await Promise.all(folders.map(entryOf));
  const text = [
    'This program contains the packages below, each under its own licence.',
    ...entries.map(({ title, licence }) => `${'='.repeat(80)}\n${title}\n${'='.repeat(80)}\n${licence}`),
  ].join('\n\n');
  return { count: entries.length, text: `${text}\n` };
};

/** `node_modules/a/node_modules/@b/c/x.js` -> `node_modules/a/node_modules/@b/c`. @param {string} input */
const packageFolder = (input) => {
  const [, folder] = /^(.*node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(input) ?? [];
  return folder === undefined ? [] : [folder];
};

/** @param {string} folder */
const entryOf = async (folder) => {
  const path = join(checkout, folder);
  const { name, version, license } = JSON.parse(await readFile(join(path, 'package.json'), 'utf8'));
  const file = (await readdir(path)).find((one) => /^(licen[cs]e|copying)/i.test(one));
  const text = file && (await readFile(join(path, file), 'utf8').catch(() => undefined));
  return {
    title: `${name} ${version} (${license})`,
    licence: text?.trim() ?? `No text is in the package; its package.json says: ${license}`,
  };
};
