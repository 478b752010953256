// An upload outlives a reload of the page and a restart of the server.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { logIn, openBrowser, openPage, Site, until } from './site.mjs';

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

test('an upload goes on after a reload and a restart of the server', async () => {
  const page = await openPage(browser);
  await logIn(page, site);
  // a picture that hardly compresses, so that there is something to send
  const clip = site.clip('long.mp4', 20, '1280x720');
  const network = await page.context().newCDPSession(page);
  const slow = { offline: false, latency: 0, downloadThroughput: -1, uploadThroughput: 400_000 };
  await network.send('Network.enable');
  await network.send('Network.emulateNetworkConditions', slow);
  let sent = 0;
  const ranges = [];
  page.on('request', (request) => {
    const range = request.headers()['content-range'];
    if (range && !range.startsWith('bytes *')) ranges.push(Number(range.slice(6).split('-')[0]));
  });
  await page.goto(`${site.base}/upload`);
  await page.locator('vidicon-upload input[type=file]').setInputFiles(clip);
  await until('the second piece', 60, () => ranges.some((start) => start > 0));
  sent = Math.max(...ranges);
  ranges.length = 0;

  page.on('dialog', (dialog) => dialog.accept());
  await page.goto('about:blank');
  await site.stop();
  await site.start();
  await page.goto(`${site.base}/upload`);
  await network.send('Network.emulateNetworkConditions', { ...slow, uploadThroughput: -1 });
  await page.locator('.queue li').first().waitFor();
  await page.locator('vidicon-upload input[type=file]').setInputFiles(clip);
  await page.getByRole('link', { name: 'Watch' }).first().waitFor({ timeout: 120_000 });
  assert.ok(Math.min(...ranges) >= sent, `went on at ${Math.min(...ranges)}, had ${sent}`);
});
