/** The chaos run: `node tests/chaos/run.ts --help`. */
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { eventually } from '../support/eventually.ts';
import { hangingAccount } from './hanging-account.ts';
import { integrationIds } from './landscape.ts';
import { createLedger } from './ledger.ts';
import { help, readOptions } from './options.ts';
import type { Options } from './options.ts';
import { createPublisher, offersOf } from './publisher.ts';
import { seeded } from './random.ts';
import { settle } from './settle.ts';
import { startStack, untilHealthy } from './stack.ts';
import type { Stack } from './stack.ts';
import { openTimeline } from './timeline.ts';
import type { Timeline } from './timeline.ts';
import { allTroubles, makeTrouble } from './troubles.ts';
import { verdict } from './verdict.ts';

const FIRST_START_MS = 120_000;

const options = read();
const folder = options.out ?? mkdtempSync(join(tmpdir(), 'chaos-'));
mkdirSync(folder, { recursive: true });
const violations = await play(options, folder);
// Exits at once: otherwise Node may wait at its end for a request that never returns (scripts/test/environment.mjs).
process.exit(violations.length === 0 ? 0 : 1);

function read(): Options {
  try {
    const options = readOptions(process.argv.slice(2));
    if (options !== 'help') return options;
    console.log(help);
    process.exit(0);
  } catch (error) {
    console.error(`npm run chaos: ${error instanceof Error ? error.message : String(error)}`);
    console.error('npm run chaos -- --help names the options');
    process.exit(2);
  }
}

async function play(options: Options, folder: string): Promise<readonly string[]> {
  const { seed, minutes } = options;
  console.log(`chaos: seed ${seed}, ${minutes} minutes, ${describe(options)}; ${folder}`);
  const random = seeded(seed);
  const timeline = openTimeline(folder);
  const stack = await startStack(options, timeline);
  const found: string[] = [];
  const over = new AbortController();
  try {
    await untilHealthy(stack, FIRST_START_MS);
    const ledger = createLedger((count) => `subscription-${seed}-${count}`);
    for (const integration of integrationIds) await firstIngest(stack, integration);
    const offers = await offersOf(stack);
    const publisher = createPublisher(stack, ledger, offers);

    const everything = [...allTroubles(stack), hangingAccount(publisher, ledger, offers)];
    const troubles = everything.filter(({ name }) => chosen(options, name));
    const publishing = publisher.publish(random.fork(), over.signal);
    const troubling = options.calm ? undefined : makeTrouble(stack, troubles, random.fork(), over.signal);
    // Both run until they are told to stop, unless they fail.
    await Promise.race([pause(minutes * 60_000), publishing, ...(troubling ? [troubling] : [])]);
    over.abort();
    await Promise.all([publishing, troubling]);

    found.push(...(await settle(stack, ledger, publisher)));
    const logs = [...stack.fleet.writeLogs(folder), ...stack.loner.writeLogs(folder)];
    found.push(...(await verdict(stack, logs)), ...publisher.violations);
    writeFileSync(join(folder, 'events.json'), JSON.stringify(stack.apim.events, undefined, 1));
    writeFileSync(join(folder, 'aws.json'), JSON.stringify(stack.aws.faults.requests()));
  } catch (error) {
    found.push(
      `the run itself failed: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`,
    );
    stack.fleet.writeLogs(folder);
    stack.loner.writeLogs(folder);
  } finally {
    over.abort();
    await stack.stop();
    await timeline.close();
  }
  report(timeline, found, stack.fleet.memory());
  writeFileSync(join(folder, 'violations.txt'), `${found.join('\n')}\n`);
  return found;
}

/** Right after the connection, a command may find no channel yet, or none that is primary. */
async function firstIngest({ apim }: Stack, integration: string): Promise<void> {
  await eventually(`the first ingest of ${integration}`, async () => {
    const { jobId } = await apim.peer().ingest(integration);
    return jobId ?? undefined;
  });
}

function describe({ controller, aws, 'exchange-version': version }: Options): string {
  return `controller ${controller}${version === undefined ? '' : ` ${version}`}, AWS ${aws}`;
}

function chosen({ only }: Options, name: string): boolean {
  return only === undefined || only.split(',').some((start) => name.startsWith(start.trim()));
}

function report(timeline: Timeline, found: readonly string[], memory: ReadonlyMap<string, number>): void {
  const lines = [...timeline.counts()].sort(([one], [other]) => one.localeCompare(other));
  for (const [kind, count] of lines) console.log(`${String(count).padStart(6)}  ${kind}`);
  console.log(`memory at most: ${[...memory].map(([name, mib]) => `${name} ${mib} MiB`).join(', ')}`);
  console.log(`timeline: ${timeline.path}`);
  if (found.length === 0) console.log('all promises kept');
  else console.log(`${found.length} violations:\n${found.map((one) => `- ${one}`).join('\n')}`);
}
