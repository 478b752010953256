// A passkey of a device that the browser plays: made on the security page, then enough to log in.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { logIn, openBrowser, openPage, Site } from './site.mjs';

const site = new Site();
let browser;

before(async () => {
  await site.start();
  browser = await openBrowser();
});

after(async () => {
  await browser?.close();
  await site.close();
});

test('a passkey is made, logs in, and is ended', async () => {
  const page = await openPage(browser);
  const device = await page.context().newCDPSession(page);
  await device.send('WebAuthn.enable');
  await device.send('WebAuthn.addVirtualAuthenticator', {
    options: {
      protocol: 'ctap2',
      transport: 'internal',
      hasResidentKey: true,
      hasUserVerification: true,
      isUserVerified: true,
      automaticPresenceSimulation: true,
    },
  });
  await logIn(page, site);
  await page.goto(`${site.base}/my/settings/security`);
  await page.locator('#kn').fill('My test key');
  await page.getByRole('button', { name: 'Make a passkey' }).click();
  await page.getByText('My test key').waitFor();

  await page.context().clearCookies();
  await page.goto(`${site.base}/login`);
  await page.getByRole('button', { name: 'Log in with a passkey' }).click();
  await page.waitForURL((url) => url.pathname === '/');
  const me = await page.evaluate(async () => (await fetch('/api/v1/users/me')).json());
  assert.equal(me.username, 'root');

  await page.goto(`${site.base}/my/settings/security`);
  await page.getByRole('button', { name: /My test key/ }).click();
  await page.getByText('My test key').waitFor({ state: 'detached' });
  // Where a new administrator is led first is no business of this test.
  assert.deepEqual(page.faults.filter((fault) => !fault.includes('/admin/setup')), []);
});
