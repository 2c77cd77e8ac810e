/** Runs kube-score on each way to install, and lists the findings that are intended. */
import { waysOf } from './ways.mjs';

/** @typedef {import('../checks/types.d.ts').Context} Context */

/** A finding about every object, or about one, with the reason why it stays. */
const explained = new Map([
  [
    'CPU limit is not set',
    'it would slow a pod down in the middle of a command; requests share a machine fairly',
  ],
  ['ImagePullPolicy is not set to Always', 'a tag is a version, which does not change'],
  [
    'Deployment does not have a host podAntiAffinity set',
    'topologySpreadConstraints spread over machines and zones',
  ],
  ['federation-agent: Deployment update strategy', 'Recreate: the next pod opens the same volume'],
  ['federation-agent: Deployment few replicas', 'single is one pod'],
  ['console: Deployment few replicas', 'who is logged in is known to one pod alone'],
  ['jaeger: Deployment update strategy', 'Recreate: its traces are in memory'],
  ['jaeger: Deployment few replicas', 'two would each have half of the traces'],
  ['jaeger: Container has the same readiness and liveness probe', 'it has one page for both'],
  [
    'aws-discovery: Deployment few replicas',
    "KEDA's ScaledObject, which kube-score does not know, holds two",
  ],
]);

/** The best grade on its scale of 1 to 10. */
const good = 10;

/** @param {Context} context @returns {Promise<string>} */
export const score = async (context) => {
  const { run, tool } = context;
  const used = new Set();
  /** @type {Map<string, string>} */
  const unexplained = new Map();
  for (const [name, { text }] of Object.entries(await waysOf(context))) {
    const args = ['score', '--output-format', 'json', '-'];
    const { stdout, stderr } = await run(tool('kube-score'), args, { input: text });
    if (!stdout.startsWith('[')) throw new Error(`${name}: ${stdout}${stderr}`);
    for (const { object_meta: meta, checks } of JSON.parse(stdout))
      for (const { grade, skipped, comments } of checks)
        for (const { summary, description } of skipped || grade >= good ? [] : (comments ?? [])) {
          const found = `${meta.name}: ${summary}`;
          if (explained.has(summary)) used.add(summary);
          else if (explained.has(found)) used.add(found);
          else unexplained.set(found, `${name}: ${found}: ${description}`);
        }
  }
  if (unexplained.size > 0) throw new Error([...unexplained.values()].join('\n'));
  const unused = [...explained.keys()].filter((key) => !used.has(key));
  if (unused.length > 0) throw new Error(`explained, and not found: ${unused.join(', ')}`);
  return `${explained.size} findings explained`;
};
