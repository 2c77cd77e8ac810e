/** The console at 30,000 stages: what it costs before and after somebody looks, and how quick its pages are. */
import { setTimeout as pause } from 'node:timers/promises';
import { startTestBroker } from '@federation-agent/broker/test';
import { chromiumPath, startBrowser, visit } from '../../console/chromium.ts';
import { searched, searches, seedLargeEstate } from '../../console/large-estate.ts';
import { operator, startConsole } from '../../console/start-console.ts';
import type { BenchCase, Figure } from '../support/figure.ts';
import { memoryMiB } from '../support/processes.ts';

const settleMs = 3_000;

export const consoleCase: BenchCase = {
  name: 'console',
  about:
    'The console alone, and 30,000 stages in its broker. Until somebody looks it reads nothing; the first request waits ' +
    'until all records are there. A search is measured in Chromium, from the letters in the field to the frame with ' +
    'their rows, and on the server alone. Without Chromium only the server is measured.',
  run: async (quick) => {
    const rounds = quick ? 1 : 5;
    await using stack = new AsyncDisposableStack();
    const server = await startTestBroker();
    stack.defer(() => server.stop());
    await seedLargeEstate(server);
    const { agent, url } = await startConsole(stack, 'console', { NATS_URL: server.url });
    await pause(settleMs);
    const atRest = memoryMiB([agent.pid]);
    const first = await asked(url, '/api/estate');
    await pause(settleMs);
    const looking = memoryMiB([agent.pid]);
    const onServer: number[] = [];
    for (let round = 0; round < rounds; round += 1) {
      for (const { words } of searches)
        onServer.push(await asked(url, `/api/estate?search=${encodeURIComponent(words)}`));
    }
    return [
      { name: 'memory before the first request', unit: 'MiB', ours: [atRest] },
      { name: 'memory with 30,000 stages', unit: 'MiB', ours: [looking] },
      { name: 'first request', unit: 'ms', ours: [first] },
      { name: 'search on the server', unit: 'ms', ours: onServer },
      ...(chromiumPath === undefined ? [] : await inBrowser(url, rounds)),
    ] satisfies Figure[];
  },
};

/** Milliseconds until the whole answer is there. */
async function asked(url: string, path: string): Promise<number> {
  const credentials = Buffer.from(`${operator.user}:${operator.password}`).toString('base64');
  const began = performance.now();
  const response = await fetch(new URL(path, url), { headers: { authorization: `Basic ${credentials}` } });
  await response.text();
  if (!response.ok) throw new Error(`${path}: ${response.status}`);
  return performance.now() - began;
}

async function inBrowser(url: string, rounds: number): Promise<Figure[]> {
  await using stack = new AsyncDisposableStack();
  const browser = await startBrowser();
  stack.defer(() => browser.close());
  const visitor = await visit(browser, { url, person: operator });
  const paints: number[] = [];
  const times: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const page = await visitor.open('/estate');
    await page.getByText('30,000 stages').waitFor();
    paints.push(
      await page.evaluate(
        () => performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? Number.NaN,
      ),
    );
    for (const search of searches) times.push(await searched(page, search));
    await page.close();
  }
  return [
    { name: 'first paint', unit: 'ms', ours: paints },
    { name: 'search in the browser', unit: 'ms', ours: times, goal: { atMost: 100 } },
  ];
}
