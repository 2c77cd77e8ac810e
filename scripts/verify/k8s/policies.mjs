/** What NetworkPolicies allow, as a network plugin reads them; only the features that deploy/k8s uses. */
import { matches, namespace } from './objects.mjs';

/** @typedef {import('./objects.mjs').KubernetesObject} KubernetesObject */
/** @typedef {Record<string, string>} Labels */
/**
 * @typedef {{ pod: Labels } | { namespace: string } | { ip: string } | 'anywhere'} Peer a pod of this namespace; any
 *   pod of another one; an address outside; an address that nobody knows before
 */

/**
 * @param {readonly KubernetesObject[]} objects
 * @param {'Ingress' | 'Egress'} direction
 * @param {Labels} pod
 * @param {Peer} peer
 * @param {string} port such as `443/TCP`
 * @throws Error when a policy has what is not understood here
 */
export const allowed = (objects, direction, pod, peer, port) => {
  const policies = objects.filter(
    ({ kind, spec }) =>
      kind === 'NetworkPolicy' && spec.policyTypes.includes(direction) && selects(spec.podSelector, pod),
  );
  if (policies.length === 0) return true;
  return policies
    .flatMap(({ spec }) => spec[direction.toLowerCase()] ?? [])
    .some((/** @type {any} */ rule) => {
      const peers = rule.to ?? rule.from;
      return (
        hasPort(rule.ports, port) &&
        (peers === undefined || peers.some((/** @type {any} */ one) => isPeer(one, peer)))
      );
    });
};

/** @param {any} selector @param {Labels} labels */
const selects = ({ matchLabels = {}, ...rest }, labels) => {
  onlyKnown(rest);
  return matches(matchLabels, labels);
};

/** @param {any[] | undefined} ports @param {string} wanted */
const hasPort = (ports, wanted) =>
  ports === undefined ||
  ports.some(({ port, protocol, ...rest }) => {
    onlyKnown(rest);
    if (typeof port !== 'number') throw new Error(`the port ${port} is not understood here`);
    return `${port}/${protocol}` === wanted;
  });

/** @param {any} one @param {Peer} peer */
const isPeer = ({ podSelector, namespaceSelector, ipBlock, ...rest }, peer) => {
  onlyKnown(rest);
  if (peer === 'anywhere') return false;
  if (ipBlock !== undefined) return 'ip' in peer && ipBlock.cidr === `${peer.ip}/32`;
  if (namespaceSelector === undefined) return 'pod' in peer && selects(podSelector, peer.pod);
  if (podSelector !== undefined) throw new Error('both selectors at once are not understood here');
  const name = 'pod' in peer ? namespace : 'namespace' in peer ? peer.namespace : '';
  return selects(namespaceSelector, { 'kubernetes.io/metadata.name': name });
};

/** @param {object} rest */
const onlyKnown = (rest) => {
  if (Object.keys(rest).length > 0) throw new Error(`${JSON.stringify(rest)} is not understood here`);
};
