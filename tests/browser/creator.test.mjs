// A creator's whole way by keyboard alone: log in, upload, describe, publish, change, remove.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { openBrowser, openPage, password, picture, Site, until } from './site.mjs';

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

/** Presses Tab until the focus is on it, as somebody without a mouse does. */
async function tabTo(page, selector, most = 120) {
  for (let pressed = 0; pressed < most; pressed += 1) {
    const there = await page.evaluate((wanted) => document.activeElement?.matches(wanted) ?? false, selector);
    if (there) return;
    await page.keyboard.press('Tab');
  }
  throw new Error(`Tab does not lead to ${selector} on ${page.url()}`);
}

async function press(page, selector, key = 'Enter') {
  await tabTo(page, selector);
  await page.keyboard.press(key);
}

test('a creator needs no mouse', async () => {
  const page = await openPage(browser);
  await page.goto(`${site.base}/login`);
  await tabTo(page, 'input[name=username]');
  await page.keyboard.type('root');
  await tabTo(page, 'input[name=password]');
  await page.keyboard.type(password);
  await page.keyboard.press('Enter');
  await page.waitForURL(/\/admin\/setup/);

  await press(page, 'header a[href="/upload"]');
  await page.waitForURL(/\/upload/);
  await page.locator('vidicon-upload input[type=file][multiple]').waitFor({ state: 'attached' });
  const chosen = page.waitForEvent('filechooser');
  await press(page, '#file', 'Space');
  await (await chosen).setFiles(site.clip('ferry.mp4', 3));
  await page.locator('.queue li').waitFor();
  await tabTo(page, '#t');
  await page.keyboard.press('Control+A');
  await page.keyboard.type('Night ferry');
  await tabTo(page, '#d');
  await page.keyboard.type('Four oscillators and the sea');
  await press(page, 'button[value=publish]');
  await page.locator('.queue a[href^="/my/videos/"]').waitFor({ timeout: 120_000 });
  await picture(page, 'creator-upload');
  const token = await site.token();
  await until('the video to be public', 60, async () => {
    const list = await (await fetch(`${site.base}/api/v1/videos`)).json();
    return list.data.some((video) => video.name === 'Night ferry' && video.privacy.id === 1);
  });

  await press(page, '.queue a[href^="/my/videos/"]');
  await page.waitForURL(/\/my\/videos\//);
  assert.equal(await page.locator('#t').inputValue(), 'Night ferry');
  await tabTo(page, '#tags');
  await page.keyboard.type('ferry, night');
  await tabTo(page, '#chapters li:last-child input.time');
  await page.keyboard.type('0:00');
  await page.keyboard.press('Tab');
  await page.keyboard.type('Leaving harbour');
  await press(page, 'button[data-add=chapters]');
  await page.keyboard.type('0:02');
  await page.keyboard.press('Tab');
  await page.keyboard.type('Open water');
  await press(page, '.form-foot button[type=submit]');
  await page.locator('.flash').waitFor();
  assert.equal(await page.locator('#tags').inputValue(), 'ferry, night');
  assert.equal(await page.locator('#chapters li').count(), 3);
  await picture(page, 'creator-edit');

  await press(page, 'button[form=write-captions]');
  await page.waitForURL(/\/captions\//);
  await press(page, 'section:last-of-type .field button');
  await page.keyboard.type('The engines start');
  await press(page, '.form-foot button[type=submit]');
  await page.waitForURL(/\/my\/videos\/[^/]+$/);
  const uuid = new URL(page.url()).pathname.split('/').pop();
  const captions = await (await fetch(`${site.base}/api/v1/videos/${uuid}/captions`)).json();
  assert.equal(captions.total, 1);
  const text = await (await fetch(captions.data[0].fileUrl)).text();
  assert.match(text, /The engines start/);

  await press(page, 'button.account');
  await press(page, '.site-menu a[href="/my/videos"]');
  await page.waitForURL(/\/my\/videos$/);
  await press(page, 'input[name=id]', 'Space');
  await press(page, '.bulk button[value=delete]');
  await page.locator('dialog[open]').waitFor();
  await page.keyboard.press('Enter');
  await page.getByText('No videos yet.').waitFor();
  const left = await (await fetch(`${site.base}/api/v1/users/me/videos`, { headers: { authorization: `Bearer ${token}` } })).json();
  assert.equal(left.total, 0);
  assert.deepEqual(page.faults, []);
});
