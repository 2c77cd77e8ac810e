/** Lays out on this machine what a container of a built pod sees: its files and its environment. */
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';

/** @typedef {import('./objects.mjs').KubernetesObject} KubernetesObject */
/** @typedef {import('./made-secrets.mjs').Secrets} Secrets */

/** @param {readonly KubernetesObject[]} objects @param {string} name @returns {Record<string, string>} */
const configMap = (objects, name) =>
  objects.find(({ kind, metadata }) => kind === 'ConfigMap' && metadata.name === name)?.data ?? {};

/**
 * @param {readonly KubernetesObject[]} objects
 * @param {KubernetesObject} workload
 * @param {Secrets} secrets
 * @returns {Record<string, string>} variables of its container; the pod's own name is that of the workload and `-0`
 */
export const environmentOf = (objects, workload, secrets) => {
  const { env = [], envFrom = [] } = workload.spec.template.spec.containers[0];
  /** @type {Record<string, string>} */
  const found = {};
  for (const { configMapRef, secretRef } of envFrom)
    Object.assign(found, configMapRef ? configMap(objects, configMapRef.name) : secrets[secretRef.name]);
  for (const { name, value, valueFrom } of env) {
    const secret = valueFrom?.secretKeyRef;
    const known = secret ? secrets[secret.name]?.[secret.key] : `${workload.metadata.name}-0`;
    const there = value ?? known;
    if (there !== undefined) found[name] = there;
  }
  return found;
};

/**
 * Writes the files of every volume, below `folder` at the path that the container has them.
 * @param {readonly KubernetesObject[]} objects
 * @param {KubernetesObject} workload
 * @param {Secrets} secrets
 * @param {string} folder
 * @returns {Promise<string[]>} the paths of the mounts
 */
export const layOut = async (objects, workload, secrets, folder) => {
  const { containers, volumes = [] } = workload.spec.template.spec;
  const mounts = containers[0].volumeMounts;
  for (const { name, mountPath } of mounts) {
    await mkdir(join(folder, mountPath), { recursive: true });
    const volume = volumes.find((/** @type {any} */ one) => one.name === name) ?? {};
    for (const source of [volume, ...(volume.projected?.sources ?? [])]) {
      const from = source.configMap ?? source.secret;
      if (from === undefined) continue;
      const data = source.configMap ? configMap(objects, from.name) : (secrets[from.secretName] ?? {});
      const items = from.items ?? Object.keys(data).map((key) => ({ key, path: key }));
      for (const { key, path } of items) {
        const file = join(folder, mountPath, path);
        await mkdir(dirname(file), { recursive: true });
        await writeFile(file, data[key] ?? '');
      }
    }
  }
  return mounts.map((/** @type {{ mountPath: string }} */ { mountPath }) => mountPath);
};
