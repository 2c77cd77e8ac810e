/** Chromium, and what the tests of the console's pages look at. */
import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect } from '@jest/globals';
import axe from 'axe-core';
import { chromium, type Browser, type BrowserContext, type Page } from 'playwright-core';

/** The browser that `CHROMIUM` names, or Debian's. */
const path = [process.env['CHROMIUM'] ?? '', '/usr/bin/chromium'].find((file) => existsSync(file));

/** Like `describe`; without a browser its tests are skipped, and a line says why. */
export const describeInBrowser = path === undefined ? describe.skip : describe;
if (path === undefined)
  console.log(
    'No Chromium: the pages of the console are not tested (apt-get install chromium, or set CHROMIUM).',
  );

/** A folder for the pictures of the pages, such as `docs/console`; without it none are made. */
const pictures = process.env['FEDERATION_TEST_PICTURES'];

export function startBrowser(): Promise<Browser> {
  // As root, in CI and in containers, Chromium has no sandbox of its own.
  return chromium.launch({ ...(path !== undefined && { executablePath: path }), args: ['--no-sandbox'] });
}

export interface Person {
  readonly user: string;
  readonly password: string;
}

/** A person in front of a browser, logged in. */
export interface Visitor {
  readonly context: BrowserContext;
  /** Opens a page of the console, and waits until it has what it asked for. */
  open(path: string): Promise<Page>;
  /** What went wrong in any page: errors, and violations of the content security policy. */
  readonly troubles: readonly string[];
}

interface VisitorOptions {
  readonly url: string;
  readonly person: Person;
  readonly scheme?: 'light' | 'dark';
}

export async function visit(
  browser: Browser,
  { url, person, scheme = 'light' }: VisitorOptions,
): Promise<Visitor> {
  const context = await browser.newContext({
    baseURL: url,
    colorScheme: scheme,
    viewport: wide,
    // Spinners stand still: a picture does not depend on the moment.
    reducedMotion: 'reduce',
  });
  // Below the limit of a test, so that a failure names the step.
  context.setDefaultTimeout(30_000);
  const troubles: string[] = [];
  context.on('page', (page) => {
    page.on('pageerror', (error) => troubles.push(`${page.url()}: ${error.message}`));
    page.on('console', (line) => {
      // Chromium writes each answer from 400 on; the pages show those.
      if (line.type() === 'error' && !line.text().startsWith('Failed to load resource'))
        troubles.push(`${page.url()}: ${line.text()}`);
    });
  });
  const first = await context.newPage();
  await first.goto('/');
  await first.getByLabel('User').fill(person.user);
  await first.getByLabel('Password').fill(person.password);
  await first.getByRole('button', { name: 'Log in' }).click();
  await first.getByRole('navigation').waitFor();
  await first.close();
  return {
    context,
    troubles,
    open: async (address) => {
      const page = await context.newPage();
      await page.goto(address);
      await settled(page);
      return page;
    },
  };
}

const wide = { width: 1200, height: 760 };
const phone = { width: 390, height: 760 };

/** Waits until nothing on the page says that it loads. */
export async function settled(page: Page): Promise<void> {
  await page.locator('h1').waitFor();
  await page.waitForFunction(() => document.querySelector('.loading, .row-loading') === null);
}

/** Axe finds nothing wrong; else the test's message has a line for each violation. */
export async function expectAccessible(page: Page): Promise<void> {
  // Evaluated by the debugger, so the content security policy stays in force.
  await page.evaluate(`${axe.source}; 0`);
  const found = await page.evaluate<axe.Result[]>('axe.run().then(({ violations }) => violations)');
  const lines = found.flatMap(({ id, nodes }) =>
    nodes.map(({ html, failureSummary }) => `${id}: ${html} ${failureSummary ?? ''}`),
  );
  expect(lines).toEqual([]);
}

/** Every page must hold this: no violation, and nothing wider than the screen, also on a phone. */
export async function expectGood(page: Page): Promise<void> {
  for (const size of [phone, wide]) {
    await page.setViewportSize(size);
    await expectAccessible(page);
    expect(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)).toBeLessThanOrEqual(
      0,
    );
  }
}

/** A picture for the documents, when they are asked for. */
export async function picture(page: Page, name: string): Promise<void> {
  if (pictures === undefined) return;
  mkdirSync(pictures, { recursive: true });
  await page.screenshot({ path: join(pictures, `${name}.png`) });
}
