import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';

/**
 * Fills a folder aside and moves it to its place in one step: a folder that is there is complete, however many
 * runs make it at once and wherever one of them was stopped.
 * @param {string} target the folder to make
 * @param {(folder: string) => Promise<void>} fill
 */
export const place = async (target, fill) => {
  const aside = join(dirname(target), `.new-${randomBytes(6).toString('hex')}`);
  await mkdir(aside, { recursive: true });
  try {
    await fill(aside);
    await rename(aside, target).catch((error) => {
      if (!existsSync(target)) throw error; // Another run was faster; its folder serves as well.
    });
  } finally {
    await rm(aside, { recursive: true, force: true });
  }
};
