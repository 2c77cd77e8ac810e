/** Memory and age of processes, from Linux. */
import { readdir, readFile } from 'node:fs/promises';

/**
 * Empty when the process is gone. @param {string
 * number} pid @param {string} file
 */
const proc = (pid, file) => readFile(`/proc/${pid}/${file}`, 'utf8').catch(() => '');

/** Fields of /proc/<pid>/stat after the name, which may have blanks: state, parent, … @param {string | number} pid */
const statOf = async (pid) => (await proc(pid, 'stat')).split(') ')[1]?.split(' ') ?? [];

/** @param {number} root @returns {Promise<number[]>} the process and all that it started */
const treeOf = async (root) => {
  /** @type {Map<number, number[]>} */
  const children = new Map();
  for (const name of await readdir('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    const parent = Number((await statOf(name))[1]);
    children.set(parent, [...(children.get(parent) ?? []), Number(name)]);
  }
  const found = [root];
  for (const pid of found) found.push(...(children.get(pid) ?? []));
  return found;
};

/** Resident bytes of a process and all that it started, including pages of files. @param {number} root */
const residentBytes = async (root) => {
  let bytes = 0;
  for (const pid of await treeOf(root))
    bytes += Number(/^VmRSS:\s+(\d+) kB/m.exec(await proc(pid, 'status'))?.[1] ?? 0) * 1024;
  return bytes;
};

/** Seconds since a process began, to a hundredth. @param {number} pid */
export const ageOf = async (pid) => {
  const [uptime = '0'] = (await readFile('/proc/uptime', 'utf8')).split(' ');
  return Number(uptime) - Number((await statOf(pid))[19]) / 100;
};

/**
 * The least and the most that a process and its children had while `during` ran.
 * @param {number} root
 * @param {() => Promise<unknown>} during
 */
export const memoryWhile = async (root, during) => {
  let least = Infinity;
  let most = 0;
  const look = async () => {
    const bytes = await residentBytes(root);
    least = Math.min(least, bytes);
    most = Math.max(most, bytes);
  };
  let going = true;
  const done = during().finally(() => (going = false));
  const watch = (async () => {
    for (; going; await new Promise((resolve) => setTimeout(resolve, 200))) await look();
  })();
  await Promise.all([done, watch]);
  return { least, most };
};
