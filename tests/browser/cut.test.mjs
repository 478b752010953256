// A video is cut in the browser: its beginning and a stretch of it go, and what is left is made anew.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { logIn, openBrowser, openPage, Site, until } from './site.mjs';

const site = new Site();
let browser, headers, uuid;

before(async () => {
  await site.start();
  headers = { authorization: `Bearer ${await site.token()}`, 'content-type': 'application/json' };
  const tree = await (await fetch(`${site.base}/api/v1/config/custom`, { headers })).json();
  tree.videoStudio.enabled = true;
  await fetch(`${site.base}/api/v1/config/custom`, { method: 'PUT', headers, body: JSON.stringify(tree) });
  uuid = await site.upload('cut.mp4', 10, '426x240');
  await site.allMade(uuid);
  browser = await openBrowser();
});

after(async () => {
  await browser?.close();
  await site.close();
});

test('a cut takes away what it is told to', async () => {
  const page = await openPage(browser);
  await logIn(page, site);
  await page.goto(`${site.base}/my/videos/${uuid}`);
  await page.getByRole('link', { name: 'Cut' }).click();
  await page.locator('#cs').fill('0:02');
  await page.locator('#ranges input[name=from]').first().fill('0:05');
  await page.locator('#ranges input[name=to]').first().fill('0:03');
  await page.locator('input[name=sure]').check();
  await page.getByRole('button', { name: 'Cut it' }).click();
  await page.getByText('A part ends before it begins').waitFor();
  assert.equal(await page.locator('#cs').inputValue(), '0:02');
  assert.equal(await page.locator('#ranges input[name=from]').first().inputValue(), '0:05');
  await page.locator('#ranges input[name=to]').first().fill('0:08');
  await page.locator('input[name=sure]').check();
  await page.getByRole('button', { name: 'Cut it' }).click();
  await page.getByText('It is being cut.').waitFor();
  await until('the shorter video', 120, async () => {
    const video = await (await fetch(`${site.base}/api/v1/videos/${uuid}`, { headers })).json();
    return video.state?.id === 1 && video.duration === 5;
  });
  assert.deepEqual(page.faults.filter((fault) => !/400/.test(fault)), []);
});
