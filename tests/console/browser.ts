/** What the tests of the console's pages look at. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect } from '@jest/globals';
import axe from 'axe-core';
import type { Page } from 'playwright-core';
import { chromiumPath, wide } from './chromium.ts';

/** Like `describe`; without a browser its tests are skipped, and a line says why. */
export const describeInBrowser = chromiumPath === undefined ? describe.skip : describe;
if (chromiumPath === undefined)
  console.log(
    'No Chromium: the pages of the console are not tested (apt-get install chromium, or set CHROMIUM).',
  );

/** A folder for the pictures of the pages, such as `docs/console`; without it none are made. */
const pictures = process.env['FEDERATION_TEST_PICTURES'];

const phone = { width: 390, height: 760 };

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

/** As small as it can be while its text stays sharp: the repository holds the pictures. */
const webp = { format: 'webp', quality: 80 } as const;

/** Pictures for the documents, in light and dark, when they are asked for. */
export async function picture(page: Page, name: string): Promise<void> {
  if (pictures === undefined) return;
  mkdirSync(pictures, { recursive: true });
  // Playwright itself makes no WebP.
  const session = await page.context().newCDPSession(page);
  for (const colorScheme of ['dark', 'light'] as const) {
    await page.emulateMedia({ colorScheme });
    const { data } = await session.send('Page.captureScreenshot', webp);
    writeFileSync(join(pictures, `${name}-${colorScheme}.webp`), Buffer.from(data, 'base64'));
  }
  await session.detach();
}
