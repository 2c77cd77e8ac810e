/** Profiles of the bundle under load, as text: `npm run bench -- profile --help`. */
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { SourceMap, type SourceMapPayload } from 'node:module';
import { dirname, join, relative, resolve } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { mainOf } from '../support/agent-process.ts';
import { eventually } from '../support/eventually.ts';
import { discovers, pairs } from './cases/relay.ts';
import { ingestAll, openArena, untilScanned, type Arena, type ArenaOptions } from './support/contestants.ts';
import { regionNames, targetsOf, type Estate } from './support/estate.ts';
import { cpuOf, greatest, heapOf, type Taken } from './support/profile.ts';

const large: Estate = { accounts: 1, regions: regionNames, apis: 10, stages: 10, documentBytes: 5_000 };

const loads = {
  start: () => Promise.resolve(),
  subscribe: async (arena: Arena) => pairs(arena, 'agent', 30),
  discover: async (arena: Arena) => discovers(arena, 'agent', 300),
  ingest: async ({ apim, integrations }: Arena) => ingestAll(apim, integrations.agent),
  'ingest-again': async ({ apim, integrations }: Arena) => ingestAll(apim, integrations.agent),
  rest: () => pause(30_000),
  heap: async (arena: Arena) => discovers(arena, 'agent', 300),
} as const;
type Load = keyof typeof loads;

const help = `npm run bench -- profile start       CPU until the channel is active
npm run bench -- profile subscribe   CPU of 30 SUBSCRIBEs, each with its UNSUBSCRIBE
npm run bench -- profile discover    CPU of 300 DISCOVERs of ten APIs
npm run bench -- profile ingest      CPU of the first ingest of 2,000 APIs of 5 KB
npm run bench -- profile ingest-again  CPU of the second one
npm run bench -- profile rest        CPU of half a minute in which nothing happens
npm run bench -- profile heap        what 300 DISCOVERs allocate and leave in use

Prints what took most, by packages and by functions of the sources, and keeps the profile in bench/results/, for the
developer tools of a browser.`;

const isLoad = (name: string | undefined): name is Load => name !== undefined && name in loads;

const load = process.argv[2];
if (!isLoad(load)) {
  console.log(help);
  process.exit(load === '--help' || load === '-h' ? 0 : 2);
}
const folder = fileURLToPath(new URL('../../bench/results/', import.meta.url));
mkdirSync(folder, { recursive: true });
const extension = load === 'heap' ? 'heapprofile' : 'cpuprofile';
const file = join(folder, `${load}-${new Date().toISOString().replaceAll(/[:.]/gu, '-')}.${extension}`);
const profile = await profileOf(load, file);
const unit = load === 'heap' ? 'KiB' : 'ms';
const taken = (load === 'heap' ? heapOf : cpuOf)(profile).map(inSources());
const all = taken.reduce((sum, { amount }) => sum + amount, 0);
console.log(`${load}: ${all.toFixed(0)} ${unit}\n\nby package, ${unit}`);
console.log(greatest(taken, 'part', 20).join('\n'));
console.log(`\nby function, ${unit}`);
console.log(greatest(taken, 'function', 30).join('\n'));
console.log(`\n${file}`);

async function profileOf(name: Load, into: string): Promise<unknown> {
  const ingests = name === 'ingest' || name === 'ingest-again';
  const arena = await openArena(arenaFor(name));
  try {
    const agent = await arena.agent({
      NODE_OPTIONS: `--import=${new URL('support/profiler.mjs', import.meta.url).href}`,
      PROFILE_KIND: name === 'heap' ? 'heap' : 'cpu',
      PROFILE_FROM: name === 'start' ? 'start' : 'signal',
      PROFILE_FILE: into,
    });
    const [pid = 0] = agent.pids;
    if (ingests) await untilScanned(agent, targetsOf(large));
    if (name === 'ingest') process.kill(pid, 'SIGUSR2');
    else if (name !== 'start') {
      // What is done once only, and code that is not compiled yet, would be in it.
      await loads[name](arena);
      process.kill(pid, 'SIGUSR2');
    }
    await loads[name](arena);
    process.kill(pid, 'SIGUSR2');
    await eventually('the profile', () => existsSync(into) || undefined);
    await agent.stop(); // It is written to its end.
    return JSON.parse(readFileSync(into, 'utf8'));
  } finally {
    await arena.stop();
  }
}

/** Connected at once and with its APIs ingested, except where the start or the first ingest is looked at. */
function arenaFor(name: Load): ArenaOptions {
  if (name === 'ingest' || name === 'ingest-again') return { estate: large };
  return { both: name !== 'start' };
}

/** From the bundle to its sources. */
function inSources(): (taken: Taken) => Taken {
  const bundle = mainOf('standalone');
  if (!existsSync(`${bundle}.map`)) return (taken) => taken;
  const map = new SourceMap(JSON.parse(readFileSync(`${bundle}.map`, 'utf8')) as SourceMapPayload);
  const checkout = fileURLToPath(new URL('../../', import.meta.url));
  return ({ place, amount }) => {
    const entry = map.findEntry(place.lineNumber, place.columnNumber);
    // What the bundler added has no source.
    if (!place.url.endsWith('.mjs') || !('originalSource' in entry) || !entry.originalSource)
      return { place, amount };
    const source = relative(checkout, resolve(dirname(bundle), entry.originalSource));
    return { place: { ...place, url: `${source}:${entry.originalLine + 1}` }, amount };
  };
}
