/** The console at 30,000 stages: a broker with their records, and the console alone. */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { startTestBroker } from '@federation-agent/broker/test';
import { eventually } from '../support/index.ts';
import { describeInBrowser, expectGood, picture } from './browser.ts';
import { startBrowser, visit, type Visitor } from './chromium.ts';
import { searched, searches, seedLargeEstate } from './large-estate.ts';
import { operator, startConsole } from './start-console.ts';

describeInBrowser('the pages of the console at 30,000 stages', () => {
  const stack = new AsyncDisposableStack();
  let visitor: Visitor;

  beforeAll(async () => {
    const server = await startTestBroker();
    stack.defer(() => server.stop());
    await seedLargeEstate(server);
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
    await picture(page, 'estate-30000');
    await page.close();
  }, 60_000);

  test('a search finds what it should, and says how long it took', async () => {
    const page = await visitor.open('/estate');
    await page.getByText('30,000 stages').waitFor();
    const times: number[] = [];
    for (const search of searches) times.push(await searched(page, search));
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
