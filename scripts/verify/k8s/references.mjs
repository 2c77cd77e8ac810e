/** Whether the built objects refer to each other correctly; an API server does not check this. */
import { agentsOf, matches, podLabels, workloadsOf } from './objects.mjs';

/** @typedef {import('./objects.mjs').KubernetesObject} KubernetesObject */

/** What a pod's specification refers to, `optional` ones left out. @param {KubernetesObject} pod */
export const referencesOf = ({ containers, volumes = [] }) => {
  /** @type {{ kind: 'ConfigMap' | 'Secret', name: string, keys: string[] }[]} */
  const found = [];
  /** @param {'ConfigMap' | 'Secret'} kind @param {any} reference @param {string[]} keys */
  const add = (kind, reference, keys) => {
    const name = reference?.name ?? reference?.secretName;
    if (name !== undefined && reference.optional !== true) found.push({ kind, name, keys });
  };
  for (const { env = [], envFrom = [] } of containers) {
    for (const { valueFrom } of env) {
      add('ConfigMap', valueFrom?.configMapKeyRef, [valueFrom?.configMapKeyRef?.key]);
      add('Secret', valueFrom?.secretKeyRef, [valueFrom?.secretKeyRef?.key]);
    }
    for (const { configMapRef, secretRef } of envFrom) {
      add('ConfigMap', configMapRef, []);
      add('Secret', secretRef, []);
    }
  }
  for (const volume of volumes)
    for (const { configMap, secret } of [volume, ...(volume.projected?.sources ?? [])]) {
      add('ConfigMap', configMap, keysOf(configMap));
      add('Secret', secret, keysOf(secret));
    }
  return found;
};

/** @param {any} source @returns {string[]} */
const keysOf = (source) => (source?.items ?? []).map((/** @type {{ key: string }} */ { key }) => key);

/**
 * @param {readonly KubernetesObject[]} objects
 * @param {string} namespace in which all of it should be
 * @returns {string[]} what leads nowhere
 */
export const looseEnds = (objects, namespace) => {
  const workloads = workloadsOf(objects);
  const has = (/** @type {string} */ kind, /** @type {string} */ name) =>
    objects.find((object) => object.kind === kind && object.metadata.name === name);
  const wrong = [];
  for (const { kind, metadata, spec, subjects = [] } of objects) {
    const name = `${kind} ${metadata.name}`;
    if (kind !== 'Namespace' && metadata.namespace !== namespace)
      wrong.push(`${name} is in the namespace ${metadata.namespace}`);
    const target = spec?.scaleTargetRef;
    if (target !== undefined && !has('Deployment', target.name)) wrong.push(`${name} scales nothing`);
    if (kind === 'Service' || kind === 'PodDisruptionBudget') {
      const wanted = kind === 'Service' ? spec.selector : spec.selector.matchLabels;
      const [first, ...more] = workloads.filter((workload) => matches(wanted, podLabels(workload)));
      if (first === undefined || more.length > 0) wrong.push(`${name} selects ${more.length + 1} workloads`);
      const open = first?.spec.template.spec.containers[0].ports.map((/** @type {any} */ port) => port.name);
      for (const { targetPort } of spec.ports ?? [])
        if (!open?.includes(targetPort)) wrong.push(`${name}: no pod has the port ${targetPort}`);
    }
    if (kind === 'RoleBinding') {
      const bound = subjects.map(
        (/** @type {any} */ subject) => `${subject.namespace ?? namespace}/${subject.name}`,
      );
      for (const { spec: agent } of agentsOf(objects))
        if (!bound.includes(`${namespace}/${agent.template.spec.serviceAccountName}`))
          wrong.push(`${name} has no ${agent.template.spec.serviceAccountName}`);
    }
  }
  for (const { metadata, spec } of workloads) {
    const pod = spec.template.spec;
    const account = pod.serviceAccountName;
    if (account !== undefined && !has('ServiceAccount', account))
      wrong.push(`${metadata.name}: there is no ServiceAccount ${account}`);
    for (const { kind, name, keys } of referencesOf(pod)) {
      const data = has(kind, name)?.data;
      if (kind === 'ConfigMap' && (data === undefined || keys.some((key) => !(key in data))))
        wrong.push(`${metadata.name}: there is no ConfigMap ${name} with ${keys.join(', ')}`);
    }
    wrong.push(...mountsBelow(metadata.name, pod));
  }
  return wrong;
};

/** A mount below a read-only one fails on some runtimes. @param {string} name @param {KubernetesObject} pod */
const mountsBelow = (name, { containers }) =>
  containers.flatMap((/** @type {any} */ { volumeMounts = [] }) =>
    volumeMounts.flatMap((/** @type {any} */ { mountPath, readOnly }) =>
      volumeMounts
        .filter((/** @type {any} */ other) => readOnly && other.mountPath.startsWith(`${mountPath}/`))
        .map(
          (/** @type {any} */ other) => `${name}: ${other.mountPath} lies below the read-only ${mountPath}`,
        ),
    ),
  );

/** @param {readonly KubernetesObject[]} objects @param {string} version that package.json has */
export const otherVersions = (objects, version) =>
  agentsOf(objects).flatMap(({ metadata, spec }) => {
    const { image } = spec.template.spec.containers[0];
    const label = spec.template.metadata.labels['app.kubernetes.io/version'];
    return image.endsWith(`:${version}`) && label === version
      ? []
      : [`${metadata.name} is ${image}, labelled ${label}, and not ${version}`];
  });
