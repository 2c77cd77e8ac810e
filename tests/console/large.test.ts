/** The console at 30,000 stages: a broker with their records, and the console alone. */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { connectTestBroker, startTestBroker } from '@federation-agent/broker/test';
import { openBucket } from '@federation-agent/broker';
import { CatalogEntry, catalogKeys, limitsAt } from '@federation-agent/contracts';
import { eventually } from '../support/index.ts';
import type { Page } from 'playwright-core';
import { integration, operator, startConsole } from './agent.ts';
import { describeInBrowser, expectGood, picture, startBrowser, visit, type Visitor } from './browser.ts';

const stages = 30_000;
const stagesOfApi = 3;
/** Records on their way to the broker at a time. */
const atOnce = 100;

describeInBrowser('the pages of the console at 30,000 stages', () => {
  const stack = new AsyncDisposableStack();
  let visitor: Visitor;

  beforeAll(async () => {
    const server = await startTestBroker();
    stack.defer(() => server.stop());
    const broker = await connectTestBroker(server, 'aws-discovery', limitsAt(1));
    stack.defer(() => broker.close());
    const catalog = await openBucket(broker, 'catalog', CatalogEntry);
    const entries = Array.from({ length: stages }, (_, index) => entryOf(index));
    for (let from = 0; from < stages; from += atOnce) {
      const some = entries.slice(from, from + atOnce);
      await Promise.all(some.map((entry) => catalog.put(catalogKeys.entry(integration, entry), entry)));
    }
    const { url } = await startConsole(stack, 'console', { NATS_URL: server.url });
    const browser = await startBrowser();
    stack.defer(() => browser.close());
    visitor = await visit(browser, { url, person: operator });
    const page = await visitor.open('/estate');
    await eventually('all stages to be known', async () =>
      (await page.getByText('30,000 stages').count()) > 0 ? true : undefined,
    );
    await page.close();
  }, 180_000);

  afterAll(() => stack.disposeAsync());

  test('the table is good, and the test says when the first paint came', async () => {
    const page = await visitor.open('/estate');
    await page.getByText('30,000 stages').waitFor();
    const [paint] = await page.evaluate(() =>
      performance.getEntriesByName('first-contentful-paint').map(({ startTime }) => startTime),
    );
    console.log(`first paint at 30,000 stages: ${Math.round(paint ?? NaN)} ms`);
    await expectGood(page);
    expect(await page.locator('tbody tr').count()).toBeLessThan(80);
    await picture(page, 'estate-30000-light');
    await page.close();
  }, 60_000);

  test('a search finds what it should, and says how long it took', async () => {
    const page = await visitor.open('/estate');
    await page.getByText('30,000 stages').waitFor();
    const times: number[] = [];
    for (const [words, found] of [
      ['parcels 09999', '3 stages'],
      ['API0001234 prod', '1 stage'],
      ['eu-west-1 prod gold', '5,000 stages'],
    ] as const)
      times.push(await searched(page, words, found));
    console.log(`search at 30,000 stages: ${times.map(Math.round).join(', ')} ms`);
    await page.close();
  }, 60_000);

  test('the end of the table is reached by a key, and its rows are loaded', async () => {
    const page = await visitor.open('/estate');
    await page.locator('tbody a').first().focus();
    await page.keyboard.press('End');
    await page.locator('a[data-row="29999"]').waitFor();
    expect(await page.evaluate(() => document.activeElement?.getAttribute('data-row'))).toBe('29999');
    await page.close();
  }, 30_000);

  test.each(['/', '/scans', '/subscriptions', '/events', '/dead-letters', '/configuration', '/doctor'])(
    '%s is good beside so many stages',
    async (address) => {
      const page = await visitor.open(address);
      await expectGood(page);
      await page.close();
    },
    60_000,
  );

  test('no page had an error or broke the content security policy', () =>
    expect(visitor.troubles).toEqual([]));
});

/** Milliseconds from the letters in the field to the frame that shows their result, measured in the page. */
async function searched(page: Page, words: string, found: string): Promise<number> {
  return page.evaluate(
    ([text, expected]) =>
      new Promise<number>((resolve) => {
        const input = document.querySelector<HTMLInputElement>('input[type=search]');
        const status = document.querySelector('.bar [role=status]');
        if (!input || !status) throw new Error('there is no search');
        const since = performance.now();
        const look = (): void => {
          if (status.textContent === expected) resolve(performance.now() - since);
          else requestAnimationFrame(look);
        };
        input.value = text;
        input.dispatchEvent(new InputEvent('input', { bubbles: true }));
        requestAnimationFrame(look);
      }),
    [words, found] as const,
  );
}

function entryOf(index: number): CatalogEntry {
  const number = Math.floor(index / stagesOfApi);
  const account = `11112222333${number % 4}`;
  const region = number % 2 === 0 ? 'eu-west-1' : 'us-east-1';
  const stage = ['prod', 'test', 'dev'][index % stagesOfApi] ?? 'prod';
  const restApiId = `api${String(number).padStart(7, '0')}`;
  const thing = ['orders', 'pets', 'invoices', 'parcels'][number % 4] ?? 'orders';
  return {
    uniqueId: `${account}:${region}:${restApiId}:${stage}`,
    integrationId: integration,
    account,
    region,
    restApiId,
    stage,
    name: `${thing} ${String(number).padStart(5, '0')}`,
    version: '1.0.0',
    description: `All about ${thing}`,
    tags: { team: thing },
    endpointTypes: ['REGIONAL'],
    disableExecuteApiEndpoint: false,
    vpcEndpointIds: [],
    invokeUrl: `https://${restApiId}.execute-api.${region}.amazonaws.com/${stage}`,
    plans: [
      {
        usagePlanId: 'plan01',
        name: 'gold',
        description: '',
        limits: { rateLimit: 10 },
        methodLimits: {},
        sent: true,
      },
    ],
    document: { state: 'pending' },
    verified: true,
    plansSent: true,
    firstSeenAt: 1_760_000_000_000,
    changedAt: 1_760_000_000_000 + index,
  };
}
