/** Every page of the console in a browser, on the agent between the two sandboxes. */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Browser, Page } from 'playwright-core';
import { ingest } from '../interop/scenarios/steps.ts';
import { awsFaults, eventually } from '../support/index.ts';
import { startConsoleWorld, type ConsoleWorld } from './agent.ts';
import { describeInBrowser, expectAccessible, expectGood, picture } from './browser.ts';
import { settled, startBrowser, visit, type Visitor } from './chromium.ts';
import { integration, operator, viewer } from './start-console.ts';

/** A tag and a script as a name: shown as text, they do nothing. */
const hostile = '<img src=x onerror="document.title=1"><script>document.title=2</script>';
const pages = [
  ['overview', '/'],
  ['estate', '/estate'],
  ['scans', '/scans'],
  ['subscriptions', '/subscriptions'],
  ['events', '/events'],
  ['dead-letters', '/dead-letters'],
  ['configuration', '/configuration'],
  ['doctor', '/doctor'],
] as const;

describeInBrowser('the pages of the console', () => {
  const stack = new AsyncDisposableStack();
  let world: ConsoleWorld;
  let browser: Browser;
  let ada: Visitor;
  let dark: Visitor;
  let vic: Visitor;

  beforeAll(async () => {
    world = await startConsoleWorld(stack);
    browser = await startBrowser();
    stack.defer(() => browser.close());
    const { url } = world;
    ada = await visit(browser, { url, person: operator });
    dark = await visit(browser, { url, person: operator, scheme: 'dark' });
    vic = await visit(browser, { url, person: viewer });
  }, 90_000);

  afterAll(() => stack.disposeAsync());

  const both = async (address: string, name?: string): Promise<void> => {
    for (const [scheme, visitor] of [
      ['light', ada],
      ['dark', dark],
    ] as const) {
      const page = await visitor.open(address);
      await (scheme === 'light' ? expectGood(page) : expectAccessible(page));
      if (name !== undefined && scheme === 'light') await picture(page, name);
      await page.close();
    }
  };

  test('without a login nothing is shown, and the form is accessible', async () => {
    const context = await browser.newContext({ baseURL: world.url });
    const page = await context.newPage();
    await page.goto('/subscriptions');
    await page.getByRole('button', { name: 'Log in' }).waitFor();
    await expectGood(page);
    await picture(page, 'login');
    await page.getByLabel('User').fill('ada');
    await page.getByLabel('Password').fill('wrong');
    await page.keyboard.press('Enter');
    await page.getByText('User and password do not match.').waitFor();
    await context.close();
  }, 90_000);

  test.each(pages)('%s with no stage at all says what to do', async (_, address) => both(address), 90_000);

  test('an address that is no page’s says so', async () => {
    const page = await ada.open('/estate/one/two');
    expect(await page.locator('h1').textContent()).toBe('No such page');
    await page.close();
  });

  test('60 stages appear by a scan that the operator asks for, while the page is open', async () => {
    const { aws, apim } = world;
    aws.sandbox?.control.seed({ apis: 30, stages: 2, plans: 3, unplanned: 1, account: aws.account });
    await aws.addPlan('gold', [
      await aws.addApi({ name: hostile, description: hostile }),
      await aws.addApi({ name: 'orders', description: 'Everything about orders' }),
    ]);
    const estate = await vic.open('/estate');
    const scans = await ada.open('/scans');
    await scans.getByRole('button', { name: 'Scan now' }).first().click();
    await scans.getByRole('dialog').getByRole('button', { name: 'Scan now' }).click();
    await scans.getByRole('dialog').waitFor({ state: 'detached' });
    await estate.getByText('<img src=x').waitFor();
    await ingest(apim, integration);
    expect(await estate.title()).toBe('Estate · Federation agent');
    await Promise.all([estate.close(), scans.close()]);
  }, 90_000);

  test('an API in detail: plans, the document in short, what APIM was told; hostile text stays text', async () => {
    const page = await ada.open('/estate?search=onerror');
    await page.getByRole('link', { name: '<img' }).click();
    await page.getByRole('heading', { name: 'Document', exact: true }).waitFor();
    await page.getByText('operation').first().waitFor();
    await page.getByText('It was sent to APIM').waitFor();
    expect(await page.locator('main img, main script').count()).toBe(0);
    await page.close();
    const orders = await ada.open('/estate?search=orders+gold');
    await orders.getByRole('link', { name: 'orders' }).first().click();
    await orders.getByText('operation').first().waitFor();
    await both(new URL(orders.url()).pathname, 'api');
    await orders.close();
  }, 90_000);

  test('an API that APIM does not have is explained: it is in no plan, or it is nowhere', async () => {
    const { aws } = world;
    await aws.addApi({ name: 'without a plan', description: '' });
    const page = await ada.open('/estate');
    const search = page.getByRole('searchbox');
    await search.fill('no-such-api');
    await page.getByRole('button', { name: 'Look in AWS' }).click();
    await page.getByText('neither the catalog nor AWS has an API').waitFor();
    await search.fill('without a plan');
    await page.getByRole('button', { name: 'Look in AWS' }).click();
    await page.getByText('no usage plan has any of its stages').waitFor();
    await expectGood(page);
    await page.close();
    const watching = await vic.open('/estate?search=no-such-api');
    await watching.getByText('the catalog has no API').waitFor();
    expect(await watching.getByRole('button', { name: 'Look in AWS' }).count()).toBe(0);
    await watching.close();
  }, 90_000);

  test('the keyboard alone reaches a row: / to search, Tab to the table, arrows, Enter', async () => {
    const page = await ada.open('/estate');
    await page.keyboard.press('/');
    await page.keyboard.type('seed');
    await page.waitForURL(/search=seed/u);
    // All but the two that the test made: these are the rows of the search.
    await page.getByText('58 stages').waitFor();
    await page.locator('tbody a').first().focus();
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('End');
    await page.keyboard.press('ArrowUp');
    const name = await page.evaluate(() => document.activeElement?.textContent ?? '');
    await page.keyboard.press('Enter');
    await page.waitForURL(/\/estate\/.+/u);
    await settled(page);
    expect(await page.locator('h1').textContent()).toContain(name);
    expect(await page.evaluate(() => document.activeElement?.tagName)).toBe('H1');
    await page.close();
  }, 90_000);

  test('the tree opens by keys to accounts, regions, APIs, stages and plans', async () => {
    const page = await ada.open('/estate');
    await page.getByRole('treeitem').first().focus();
    for (const key of ['ArrowRight', 'ArrowDown', 'ArrowRight']) await page.keyboard.press(key);
    await page.locator('.tree .level-3').nth(5).waitFor();
    for (const key of ['ArrowDown', 'ArrowRight', 'ArrowDown', 'ArrowRight']) await page.keyboard.press(key);
    await page.locator('.tree .level-5').first().waitFor();
    await expectGood(page);
    await page.close();
  }, 90_000);

  test('a stuck subscription is found and resolved; the viewer sees it within a second, and cannot act', async () => {
    const id = await stuckSubscription();
    const page = await ada.open('/subscriptions?needsPerson=true');
    await page.getByRole('link', { name: id }).click();
    await page.getByText('Check first').waitFor();
    const address = new URL(page.url()).pathname;
    await both(address, 'subscription');
    const watching = await vic.open(address);
    const resolve = page.getByRole('button', { name: 'Mark as resolved' });
    expect(await watching.getByRole('button', { name: 'Mark as resolved' }).isDisabled()).toBe(true);
    const key = (await world.aws.keys()).find(({ name }) => name.startsWith(`gravitee-${id}`));
    await world.aws.deleteKey(key?.id ?? '');
    await eventually('the key to be resolvable', async () =>
      (await resolve.isEnabled()) ? true : undefined,
    );
    await resolve.click();
    await page.getByRole('dialog').getByRole('button', { name: 'Mark as resolved' }).click();
    await page.getByText('There is no key any more.').waitFor();
    const done = performance.now();
    await watching.getByText('There is no key any more.').waitFor();
    expect(performance.now() - done).toBeLessThan(1_000);
    await Promise.all([page.close(), watching.close()]);
  }, 90_000);

  test.each(pages)('%s with 60 stages', async (name, address) => both(address, name), 90_000);

  test('AWS denied: the target, the overview and the estate say so', async () => {
    const denied = world.aws.faults.fault({
      method: 'GET',
      path: /^\/restapis/u,
      action: awsFaults.accessDenied,
    });
    const page = await ada.open('/scans');
    await page.getByRole('button', { name: 'Scan now' }).first().click();
    await page.getByRole('dialog').getByRole('button', { name: 'Scan now' }).click();
    await denied.reached;
    await page.locator('.card .tone-bad').first().waitFor();
    await expectGood(page);
    await picture(page, 'denied');
    await page.close();
    await both('/');
    denied.release();
  }, 90_000);

  test('the broker is down: every page says so and keeps what it had; it goes on by itself afterwards', async () => {
    const open = await ada.open('/estate');
    await world.broker.kill();
    const overview = await ada.open('/');
    await overview.getByText('does not answer').first().waitFor();
    await picture(overview, 'broker-down');
    for (const [, address] of pages) await withoutBroker(address);
    await open.getByText('<img src=x').waitFor();
    await world.broker.restart();
    await overview.getByText('does not answer').first().waitFor({ state: 'detached' });
    await Promise.all([open.close(), overview.close()]);
  }, 120_000);

  test('no page had an error or broke the content security policy', () => {
    expect([...ada.troubles, ...dark.troubles, ...vic.troubles]).toEqual([]);
  });

  async function withoutBroker(address: string): Promise<void> {
    const page: Page = await ada.open(address);
    await expectGood(page);
    await page.close();
  }

  /** AWS loses the answer of the creating call and denies the import that would find the key again. */
  async function stuckSubscription(): Promise<string> {
    const { aws, apim } = world;
    const made = aws.faults.fault({
      method: 'POST',
      path: /^\/apikeys$/u,
      times: 1,
      action: { kind: 'reset', when: 'after' },
    });
    const denied = aws.faults.fault({
      method: 'POST',
      path: /^\/apikeys\?.*mode=import/u,
      action: awsFaults.accessDenied,
    });
    const { apis } = await apim.apis(integration);
    const api = apis.find(({ plans }) => plans.length > 0);
    const request = { apiId: api?.id ?? '', planId: api?.plans[0]?.id ?? '' };
    const { id } = await apim.subscribe(integration, request);
    await made.reached;
    await denied.reached;
    denied.release();
    return id;
  }
});
