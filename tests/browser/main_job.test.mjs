// The main job from end to end: log in, upload a clip, see how far it is, watch it, change the quality.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { logIn, openBrowser, openPage, picture, Site, until } from './site.mjs';

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

test('a clip is uploaded, watched, and its quality changed', async () => {
  const page = await openPage(browser);
  await logIn(page, site);
  await page.goto(`${site.base}/upload`);
  await page.locator('vidicon-upload input[type=file]').setInputFiles(site.clip('holiday.mp4', 8));
  await page.locator('#t').fill('A holiday by the sea');
  await page.locator('button[value=publish]').click();
  await page.locator('.queue li').first().waitFor();
  await page.locator('.queue progress').first().waitFor({ state: 'attached' });
  await picture(page, 'upload');
  await page.getByRole('link', { name: 'Watch' }).first().click({ timeout: 120_000 });
  await page.waitForURL(/\/w\//);
  await page.locator('vidicon-player[data-ready]').waitFor();
  assert.equal(await page.locator('h1').first().innerText(), 'A holiday by the sea');

  await allMade(page);
  await page.locator('vidicon-player').hover();
  await page.evaluate(() => document.querySelector('vidicon-player').play());
  const time = () => page.evaluate(() => document.querySelector('vidicon-player video').currentTime);
  await until('the video to play', 30, async () => (await time()) > 0.5);

  await quality(page, '240p');
  await until('the smaller picture', 30, async () => (await height(page)) === 240);
  const before = await time();
  await until('it to play on', 30, async () => (await time()) > before + 0.5);
  await quality(page, '480p');
  await until('the larger picture', 30, async () => (await height(page)) === 480);
  await picture(page, 'watch');
  assert.deepEqual(page.faults, []);
});

test('the page of a video can be read without script', async () => {
  const page = await openPage(browser, { javaScriptEnabled: false });
  await page.goto(`${site.base}/`);
  await page.getByRole('link', { name: 'A holiday by the sea' }).first().click();
  await page.waitForURL(/\/w\//);
  assert.equal(await page.locator('video[controls] source').count() > 0, true);
});

/** Waits until the qualities are made, and opens the page with all of them. */
async function allMade(page) {
  const uuid = new URL(page.url()).pathname.split('/').pop();
  await until('every quality', 180, async () => {
    const video = await (await fetch(`${site.base}/api/v1/videos/${uuid}`)).json();
    const sides = (video.streamingPlaylists?.[0]?.files ?? []).map((file) => file.resolution.id);
    return video.state.id === 1 && sides.includes(240) && sides.includes(480);
  });
  await page.reload();
  await page.locator('vidicon-player[data-ready]').waitFor();
}

async function quality(page, label) {
  await page.locator('vidicon-player').hover();
  await page.getByRole('button', { name: 'Quality, speed and more' }).click();
  await page.getByRole('menuitem', { name: /^Quality/ }).click();
  await page.getByRole('menuitemradio', { name: new RegExp(`^${label}`) }).click();
  await page.keyboard.press('Escape');
}

function height(page) {
  return page.evaluate(() => document.querySelector('vidicon-player video').videoHeight);
}
