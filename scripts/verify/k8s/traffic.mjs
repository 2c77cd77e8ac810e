/** The allowed and refused connections in each way to install, compared with the NetworkPolicies. */
import { podLabels, workloadsOf } from './objects.mjs';
import { allowed } from './policies.mjs';

/** @typedef {import('./ways.mjs').Way} Way */
/** @typedef {import('./policies.mjs').Peer} Peer */

/** @param {boolean} both of two pods: one may send, the other may receive */
const yesOrNo = (both) => (both ? 'allowed' : 'refused');

/**
 * @param {Way} way
 * @returns {{ wrong: string[], asked: number }} each with what it is and should be
 */
export const wrongTraffic = ({ overlay, components, objects }) => {
  const pods = Object.fromEntries(workloadsOf(objects).map((one) => [one.metadata.name, podLabels(one)]));
  const { nats, jaeger, ...agents } = pods;
  /** @type {string[]} */
  const wrong = [];
  let asked = 0;
  /** @param {string} what @param {boolean} is @param {boolean} should */
  const expect = (what, is, should) => {
    asked += 1;
    if (is !== should) wrong.push(`${what} is ${yesOrNo(is)}`);
  };
  /** @param {Record<string, string>} pod @param {Peer} peer @param {string} port */
  const out = (pod, peer, port) => allowed(objects, 'Egress', pod, peer, port);
  /** @param {Record<string, string>} pod @param {Peer} peer @param {string} port */
  const into = (pod, peer, port) => allowed(objects, 'Ingress', pod, peer, port);
  /** @param {Record<string, string>} from @param {Record<string, string>} to @param {string} port */
  const between = (from, to, port) => out(from, { pod: to }, port) && into(to, { pod: from }, port);
  const own = overlay === 'scaled' && !components.includes('existing-nats');

  for (const [name, pod] of Object.entries({ ...pods, 'a pod of somebody': {} }))
    for (const port of ['53/UDP', '53/TCP'])
      expect(`${name} to DNS, ${port}`, out(pod, 'anywhere', port), true);
  for (const [name, pod] of Object.entries(agents)) {
    expect(`${name} to 443`, out(pod, 'anywhere', '443/TCP'), true);
    for (const ip of ['169.254.170.23', '169.254.169.254'])
      expect(`${name} to ${ip}`, out(pod, { ip }, '80/TCP'), true);
    expect(`${name} to port 80 elsewhere`, out(pod, 'anywhere', '80/TCP'), false);
    expect(
      `${name} to the Kubernetes API`,
      out(pod, 'anywhere', '6443/TCP'),
      components.includes('kubernetes-secrets'),
    );
    expect(
      `${name} to a broker elsewhere`,
      out(pod, 'anywhere', '4222/TCP'),
      components.includes('existing-nats'),
    );
    if (nats) {
      expect(`${name} to nats`, between(pod, nats, '4222/TCP'), true);
      for (const port of ['6222/TCP', '8222/TCP'])
        expect(`${name} to nats, ${port}`, into(nats, { pod }, port), false);
    }
    if (jaeger) expect(`${name} to jaeger`, between(pod, jaeger, '4318/TCP'), true);
    expect(`Prometheus to ${name}`, into(pod, { namespace: 'monitoring' }, '18084/TCP'), true);
    expect(`a pod beside it to ${name}`, into(pod, { pod: {} }, '18084/TCP'), true);
    expect(`another namespace to ${name}`, into(pod, { namespace: 'default' }, '18084/TCP'), false);
  }
  const withConsole = agents['console'] ?? agents['federation-agent'];
  expect('there is a console', withConsole !== undefined, true);
  if (withConsole) {
    expect('a pod beside it to the console', into(withConsole, { pod: {} }, '18087/TCP'), true);
    for (const other of ['default', 'monitoring'])
      expect(`${other} to the console`, into(withConsole, { namespace: other }, '18087/TCP'), false);
  }
  expect('there is nats', nats !== undefined, own);
  if (nats) {
    expect('nats to nats', between(nats, nats, '6222/TCP'), true);
    expect('nats to 443', out(nats, 'anywhere', '443/TCP'), false);
    expect('another namespace to nats', into(nats, { namespace: 'default' }, '4222/TCP'), false);
    expect('KEDA to nats', into(nats, { namespace: 'keda' }, '8222/TCP'), components.includes('keda'));
  }
  if (jaeger)
    expect('another namespace to jaeger', into(jaeger, { namespace: 'default' }, '4318/TCP'), false);
  for (const peer of /** @type {Peer[]} */ (['anywhere', { pod: {} }, { namespace: 'default' }])) {
    expect('a pod of somebody out', out({}, peer, '443/TCP'), false);
    expect('into a pod of somebody', into({}, peer, '18084/TCP'), false);
  }
  return { wrong, asked };
};
