/** A login with a real OpenID provider, in a browser. The provider is another site: 127.0.0.1, not localhost. */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { freePorts, startTestBroker } from '@federation-agent/broker/test';
import { accountHeader, clientId, clientSecret, startTestProvider } from '@federation-agent/console/test';
import type { Browser, BrowserContext } from 'playwright-core';
import { describeInBrowser, expectGood } from './browser.ts';
import { startBrowser } from './chromium.ts';
import { startConsole } from './start-console.ts';

describeInBrowser('a login with an OpenID provider', () => {
  const stack = new AsyncDisposableStack();
  let browser: Browser;
  let baseURL: string;
  let issuer: string;

  beforeAll(async () => {
    browser = await startBrowser();
    stack.defer(() => browser.close());
    const broker = await startTestBroker();
    stack.defer(() => broker.stop());
    // The provider must know the address before the console listens on it.
    const [port = 0] = await freePorts(1);
    baseURL = `http://localhost:${port}`;
    const provider = await startTestProvider({
      redirectUri: `${baseURL}/login/callback`,
      accounts: { ada: { preferred_username: 'ada' } },
    });
    stack.defer(() => provider.stop());
    ({ issuer } = provider);
    await startConsole(stack, 'console', {
      NATS_URL: broker.url,
      gravitee_federation_console_port: String(port),
      gravitee_federation_console_publicUrl: baseURL,
      gravitee_federation_console_oidc_issuer: issuer,
      gravitee_federation_console_oidc_clientId: clientId,
      gravitee_federation_console_oidc_clientSecret: clientSecret,
    });
  }, 90_000);
  afterAll(() => stack.disposeAsync());

  /** @param name who logs in at the provider; absent: nobody may */
  async function loggingIn(name?: string): Promise<BrowserContext> {
    const context = await browser.newContext({
      baseURL,
      ...(name !== undefined && { extraHTTPHeaders: { [accountHeader]: name } }),
    });
    context.setDefaultTimeout(30_000);
    const page = await context.newPage();
    await page.goto('/events?kind=operator');
    const button = page.getByRole('button', { name: `Log in with ${new URL(issuer).host}` });
    await button.waitFor();
    await expectGood(page);
    await button.click();
    return context;
  }

  test('it leads to the provider and back to the page that was asked for', async () => {
    const context = await loggingIn('ada');
    const [page] = context.pages();
    await page?.waitForURL('/events?kind=operator');
    await page?.getByText('ada operator').waitFor();
    expect((await context.cookies(baseURL)).map(({ httpOnly, sameSite }) => [httpOnly, sameSite])).toEqual([
      [true, 'Strict'],
    ]);
    await context.close();
  }, 90_000);

  test('a refusal of the provider is said, as text, and nobody is logged in', async () => {
    const context = await loggingIn();
    const [page] = context.pages();
    await page?.getByText('The login did not succeed.').waitFor();
    expect(await page?.locator('main b').count()).toBe(0);
    await page?.getByRole('link', { name: 'Log in again' }).click();
    await page?.getByRole('button', { name: 'Log in with' }).waitFor();
    await context.close();
  }, 90_000);
});
