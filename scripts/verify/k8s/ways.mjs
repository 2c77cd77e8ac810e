/**
 * What `kubectl kustomize` makes of deploy/k8s: each overlay, each component on one, and the examples in the README.
 */
import { cp, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { parse, stringify } from 'yaml';
import { objectsOf } from '../helm/chart.mjs';
import { namespace } from './objects.mjs';

/** @typedef {import('../checks/types.d.ts').Context} Context */
/** @typedef {import('./objects.mjs').KubernetesObject} KubernetesObject */
/**
 * @typedef {{ overlay: string, components: readonly string[], text: string, objects: KubernetesObject[] }} Way `text`:
 * YAML
 */

/** The components to put on each overlay; `nats` is in `scaled` already. @type {Record<string, string[]>} */
const onTop = {
  single: ['jaeger', 'kubernetes-secrets', 'prometheus-operator'],
  scaled: ['jaeger', 'keda', 'kubernetes-secrets', 'prometheus-operator'],
};

/** @type {Promise<Record<string, Way>> | undefined} */
let built;

/**
 * Every way, by a word for the report; built once for all checks.
 * @param {Context} context
 * @throws Error when one cannot be built, or a component of deploy/k8s is in none
 */
export const waysOf = (context) => (built ??= build(context));

/** @param {Context} context @returns {Promise<Record<string, Way>>} */
const build = async (context) => {
  const k8s = 'federation-agent/deploy/k8s';
  /** @type {Record<string, Way>} */
  const ways = {};
  /**
   * @param {string} name
   *
   * @param {string} overlay
   * @param {string[]} components
   * @param {(folder: string) => Promise<string>} make
   */
  const add = async (name, overlay, components, make) => {
    const folder = join(context.scratch, `way-${Object.keys(ways).length}`);
    await copyOf(context.checkout, folder);
    const {
      code,
      stdout: text,
      stderr,
    } = await context.run(context.tool('kubectl'), ['kustomize', await make(folder)]);
    if (code !== 0) throw new Error(`${name} cannot be built: ${stderr}`);
    ways[name] = { overlay, components, text, objects: objectsOf(text) };
  };
  /** @param {object} content */
  const own = (content) => async (/** @type {string} */ folder) => {
    await writeFile(join(folder, 'kustomization.yaml'), stringify(content));
    return folder;
  };

  for (const [overlay, all] of Object.entries(onTop)) {
    await add(overlay, overlay, [], async (folder) => join(folder, k8s, 'overlays', overlay));
    for (const components of [...all.map((one) => [one]), all])
      await add(
        `${overlay} with ${components === all ? 'everything' : components}`,
        overlay,
        components,
        own({
          apiVersion: 'kustomize.config.k8s.io/v1beta1',
          kind: 'Kustomization',
          namespace,
          resources: [`${k8s}/overlays/${overlay}`],
          components: components.map((component) => `${k8s}/components/${component}`),
        }),
      );
  }
  for (const example of await readmeExamples(context.checkout)) {
    const components = example.components.map(nameOf);
    await add(`README ${example.resources.map(nameOf)}`, 'scaled', components, own(example));
  }
  const nats = '  - ../../components/nats\n';
  const listed = onTop['scaled']?.map((one) => `  - ../../components/${one}\n`).join('') ?? '';
  for (const [name, components, list] of /** @type {[string, string[], string][]} */ ([
    ['scaled with existing-nats in its list', ['existing-nats'], nats.replace('nats', 'existing-nats')],
    ['scaled with everything in its list', onTop['scaled'], nats + listed],
  ]))
    await add(name, 'scaled', components, async (folder) => {
      const at = join(folder, k8s, 'overlays/scaled');
      const text = await readFile(join(at, 'kustomization.yaml'), 'utf8');
      await writeFile(join(at, 'kustomization.yaml'), text.replace(nats, list));
      return at;
    });

  const tried = new Set(['nats', ...Object.values(ways).flatMap(({ components }) => components)]);
  const folders = await readdir(join(context.checkout, 'deploy/k8s/components'));
  const untried = folders.filter((name) => !tried.has(name));
  if (untried.length > 0) throw new Error(`no way has the component ${untried.join(', ')}`);
  return ways;
};

/**
 * A checkout as far as kustomize reads it, in a folder with a gravitee.yml beside it.
 *
 * @param {string} checkout
 * @param {string} folder
 */
const copyOf = async (checkout, folder) => {
  await mkdir(folder);
  for (const part of ['k8s', 'nats'])
    await cp(join(checkout, 'deploy', part), join(folder, 'federation-agent/deploy', part), {
      recursive: true,
    });
  await cp(join(checkout, 'deploy/k8s/base/gravitee.yml'), join(folder, 'gravitee.yml'));
};

/** @param {string} path */
const nameOf = (path) => basename(path);

/** The kustomizations that deploy/k8s/README.md shows. @param {string} checkout @returns {Promise<any[]>} */
const readmeExamples = async (checkout) => {
  const text = await readFile(join(checkout, 'deploy/k8s/README.md'), 'utf8');
  const examples = [...text.matchAll(/^```yaml\n(.*?)^```$/gms)].map(([, yaml = '']) => parse(yaml));
  if (examples.length !== 2)
    throw new Error(`deploy/k8s/README.md shows ${examples.length} kustomizations, not two`);
  return examples;
};
