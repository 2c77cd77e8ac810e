/** Kubernetes objects, as far as the checks need them. */

/** @typedef {any} KubernetesObject of any kind */

/** The namespace that deploy/k8s is written for. */
export const namespace = 'federation-agent';

/** Deployments and StatefulSets. @param {readonly KubernetesObject[]} objects */
export const workloadsOf = (objects) =>
  objects.filter(({ kind }) => kind === 'Deployment' || kind === 'StatefulSet');

/** @param {KubernetesObject} workload @returns {Record<string, string>} */
export const podLabels = ({ spec }) => spec.template.metadata.labels;

/** Those whose pods are the agent's. @param {readonly KubernetesObject[]} objects */
export const agentsOf = (objects) =>
  workloadsOf(objects).filter((one) => podLabels(one)['app.kubernetes.io/name'] === 'federation-agent');

/** @param {Record<string, string>} wanted @param {Record<string, string>} labels */
export const matches = (wanted, labels) =>
  Object.entries(wanted).every(([key, value]) => labels[key] === value);
