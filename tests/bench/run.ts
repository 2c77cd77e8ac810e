/** The benchmark: runs cases, prints their tables, keeps the figures. `npm run bench -- --help`. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { availableParallelism, cpus, release, totalmem } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { consoleCase } from './cases/console.ts';
import { discovery } from './cases/discovery.ts';
import { idle } from './cases/idle.ts';
import { ingest } from './cases/ingest.ts';
import { memory } from './cases/memory.ts';
import { reach } from './cases/reach.ts';
import { relayLoad } from './cases/relay-load.ts';
import { relay } from './cases/relay.ts';
import { scaleOut } from './cases/scale-out.ts';
import { start } from './cases/start.ts';
import { subscriptions } from './cases/subscriptions.ts';
import { rowOf, tableOf, type BenchCase, type Figure } from './support/figure.ts';
import { withTables } from './support/page.ts';

const cases: readonly BenchCase[] = [
  start,
  relay,
  relayLoad,
  ingest,
  discovery,
  reach,
  subscriptions,
  scaleOut,
  consoleCase,
  memory,
  idle,
];
const checkout = fileURLToPath(new URL('../../', import.meta.url));
const page = join(checkout, 'docs', 'performance.md');

const help = `npm run bench                    all cases: ${cases.map(({ name }) => name).join(', ')}
npm run bench -- <case>... [--quick]   only these; --quick: fewer rounds, for a look
npm run bench -- --write         all cases, and their tables go into docs/performance.md
npm run bench -- large --help    another kind: many APIs, ten minutes and more
npm run bench -- profile --help  where the CPU and the memory of a case go

The baseline is the official Java connector with canned answers, at the same real controller (JDK 17, Maven). Ours is
the bundle with the sandbox AWS, which answers at once. The two take turns. A cell is the median, with the least and the
most in brackets. The figures also go to bench/results/ as JSON. Leave the machine alone meanwhile.`;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    quick: { type: 'boolean', default: false },
    write: { type: 'boolean', default: false },
    help: { type: 'boolean', short: 'h', default: false },
  },
});
if (values.help) {
  console.log(help);
  process.exit(0);
}
const unknown = positionals.filter((name) => !cases.some((one) => one.name === name));
if (unknown.length > 0 || (values.write && (values.quick || positionals.length > 0))) {
  console.error(
    unknown.length > 0 ? `no case is called ${unknown.join(', ')}\n` : '--write is for all cases\n',
  );
  console.error(help);
  process.exit(2);
}

const machine = {
  node: process.version,
  system: `Linux ${release()}`,
  cpu: `${availableParallelism()} x ${cpus()[0]?.model ?? 'unknown'}`,
  memoryGiB: Math.round(totalmem() / 1_024 ** 3),
  version: (JSON.parse(readFileSync(join(checkout, 'package.json'), 'utf8')) as { version: string }).version,
};
console.log(Object.values(machine).join(' · '));

const results: { readonly name: string; readonly figures: readonly Figure[]; readonly table: string }[] = [];
for (const one of positionals.length > 0 ? cases.filter(({ name }) => positionals.includes(name)) : cases) {
  const began = performance.now();
  const figures = await one.run(values.quick);
  const table = tableOf(figures.map(rowOf));
  results.push({ name: one.name, figures, table });
  console.log(`\n${one.name} (${((performance.now() - began) / 1_000).toFixed(0)} s)\n${table}`);
}

const folder = join(checkout, 'bench', 'results');
mkdirSync(folder, { recursive: true });
const at = new Date().toISOString();
const file = join(folder, `${at.replaceAll(/[:.]/gu, '-')}.json`);
writeFileSync(file, `${JSON.stringify({ at, machine, quick: values.quick, results }, null, 2)}\n`);
console.log(`\n${file}`);
if (values.write) {
  const facts = `${at.slice(0, 10)}, ${machine.cpu}, ${machine.memoryGiB} GiB, ${machine.system}, Node ${machine.node}`;
  writeFileSync(page, withTables(readFileSync(page, 'utf8'), cases, results, facts));
  console.log(page);
}
