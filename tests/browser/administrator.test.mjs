// An administrator's way: the first steps, people, settings, a video that has to be looked at, work that goes on.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { logIn, openBrowser, openPage, picture, Site } from './site.mjs';

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

test('an administrator runs the place in the browser', async () => {
  const page = await openPage(browser);
  await logIn(page, site);
  await page.waitForURL(/\/admin\/setup/);
  await page.locator('#sn').fill('The Harbour');
  await page.locator('#ss').fill('Films from the coast');
  await page.locator('#name button[type=submit]').click();
  await page.locator('.flash').waitFor();
  assert.equal(await page.locator('.brand').innerText(), 'The Harbour');
  await page.locator('#first button[type=submit]').click();
  await page.waitForURL(/\/upload/);

  await page.goto(`${site.base}/admin`);
  await page.getByText('No mail is sent, so nobody can reset a password.', { exact: true }).waitFor();
  await page.getByRole('link', { name: 'People', exact: true }).click();
  await page.getByRole('link', { name: 'Add somebody' }).click();
  await page.locator('#un').fill('grace');
  await page.locator('#em').fill('grace@example.org');
  await page.locator('#pw').fill('a long password');
  await page.locator('#rm').fill('5');
  await page.getByRole('button', { name: 'Add somebody' }).click();
  await page.getByRole('link', { name: 'grace' }).first().waitFor();
  await picture(page, 'admin-people');

  await page.getByRole('button', { name: 'Close' }).first().click();
  await page.locator('dialog[open]').getByRole('button', { name: 'Close' }).click();
  await page.getByText('The account is closed.').waitFor();
  await page.getByRole('button', { name: 'Open again' }).click();
  await page.getByText('The account is open again.').waitFor();

  await page.getByRole('link', { name: 'Settings', exact: true }).last().click();
  await page.getByLabel('People may make an account').check();
  await page.getByLabel('Somebody looks at each request first').check();
  await page.getByRole('button', { name: 'Save' }).click();
  await page.locator('.flash').waitFor();

  const guest = await openPage(browser);
  await guest.goto(`${site.base}/signup`);
  await guest.locator('#n').fill('ada');
  await guest.locator('#e').fill('ada@example.org');
  await guest.locator('#np').fill('another password');
  await guest.locator('#why').fill('I film tides');
  await guest.locator('input[name=rules]').check();
  await guest.locator('input[name=age]').check();
  await guest.getByRole('button', { name: 'Make the account' }).click();
  await guest.getByText('Somebody will look at it').waitFor();

  await page.goto(`${site.base}/admin`);
  await page.getByText('One person asks to join').waitFor();
  await page.goto(`${site.base}/admin/joins`);
  await page.getByRole('link', { name: 'ada' }).first().click();
  await page.locator('#an').fill('Welcome aboard');
  await page.getByRole('button', { name: 'Let in' }).click();
  await page.getByText('They have an account now.').waitFor();
  await guest.goto(`${site.base}/login`);
  await guest.locator('input[name=username]').fill('ada');
  await guest.locator('input[name=password]').fill('another password');
  await guest.locator('form[action="/login"] button[type=submit]').click();
  await guest.waitForURL((url) => !url.pathname.startsWith('/login'));

  for (const path of ['/admin/videos', '/admin/jobs', '/admin/log?show=changes', '/admin/mutes']) {
    const answer = await page.goto(site.base + path);
    assert.equal(answer.status(), 200, path);
  }
  assert.deepEqual(page.faults, []);
  assert.deepEqual(guest.faults, []);
});
