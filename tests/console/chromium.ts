/** Chromium, and a person in front of it. */
import { existsSync } from 'node:fs';
import { chromium, type Browser, type BrowserContext, type Page } from 'playwright-core';

/** The browser that `CHROMIUM` names, or Debian's. */
export const chromiumPath = [process.env['CHROMIUM'] ?? '', '/usr/bin/chromium'].find((file) =>
  existsSync(file),
);

export const wide = { width: 1200, height: 760 };

export function startBrowser(): Promise<Browser> {
  // As root, in CI and in containers, Chromium has no sandbox of its own.
  return chromium.launch({
    ...(chromiumPath !== undefined && { executablePath: chromiumPath }),
    args: ['--no-sandbox'],
  });
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

/** Waits until nothing on the page says that it loads. */
export async function settled(page: Page): Promise<void> {
  await page.locator('h1').waitFor();
  await page.locator('.loading, .row-loading').first().waitFor({ state: 'detached' });
}
