import { join } from 'node:path';

/** @typedef {import('./checks/types.d.ts').Context} Context */

/** The images of deploy/Dockerfile; `imageOf` gives their names in this checkout. */
export const targets = [
  'gateway-link',
  'aws-discovery',
  'subscription-manager',
  'console',
  'sandbox',
  'agent',
];
/** @param {string} target */
export const imageOf = (target) => `federation-agent/${target}:0.1.0`;

/** How a container is restricted: only its volumes can be written, and it has no special rights. */
export const hardened = [
  '--read-only',
  '--tmpfs=/tmp',
  '--cap-drop=all',
  '--security-opt=no-new-privileges',
  '--pids-limit=256',
];

/**
 * Podman on a storage of our own, see images.sh.
 * @param {Context} context
 */
export const containers = ({ checkout, must, run, tool }) => {
  const script = join(checkout, 'scripts', 'verify', 'images.sh');
  /** @param {string[]} args */
  const podman = (...args) => must(script, ['podman', ...args]);
  return {
    podman,
    /** As `podman`, and answers how it ended. @param {string[]} args */
    tryPodman: (...args) => run(script, ['podman', ...args]),
    /** @param {string} target @returns {Promise<number>} bytes of the image */
    build: async (target) => Number((await must(script, ['build', target, imageOf(target)])).split(' ')[0]),
    /** The stand-ins that deploy/Dockerfile builds on. @returns {Promise<void>} */
    bases: async () => {
      await must(script, ['base']);
      await must('env', [
        'FROM=scratch',
        script,
        'stand-in',
        'docker.io/library/nats:2.14.6',
        tool('nats-server'),
        'nats-server',
      ]);
    },
    /**
     * An image of the base and one program, where it is not there yet.
     *
     * @param {string} tag
     * @param {string} program
     * @param {string} name
     */
    standIn: (tag, program, name) => must(script, ['stand-in', tag, program, name]),
    /** Takes away the container, its anonymous volumes too. @param {string} name */
    remove: (name) => run(script, ['podman', 'rm', '-f', '-v', '-t', '2', name]),
  };
};
