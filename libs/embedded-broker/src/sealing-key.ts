/**
 * The sealing key of an agent without a configured one: made once and kept in the data folder. It protects the store
 * against people who get only the store; people who can read the whole folder also have the key. A key from outside is
 * safer.
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
