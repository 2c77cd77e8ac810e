/**
 * The sealing key of an agent that was given none: made once and kept in the data folder. It protects the store against
 * whoever sees the store alone; whoever reads the whole folder has the key too. One given from outside does better.
 */
import { randomBytes } from 'node:crypto';
import { open, readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** @returns 32 bytes, base64 */
export async function loadOrCreateSealingKey(dataFolder: string): Promise<string> {
  const path = join(dataFolder, 'sealing.key');
  try {
    const file = await open(path, 'wx', 0o600);
    const key = randomBytes(32).toString('base64');
    await file.writeFile(key);
    await file.sync();
    await file.close();
    return key;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    return (await readFile(path, 'utf8')).trim();
  }
}
