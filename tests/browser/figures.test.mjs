// What the first view of a page costs, and how soon a video plays.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { openBrowser, openPage, Site, until } from './site.mjs';

const site = new Site();
let browser;
let uuid;

before(async () => {
  site.seed(60);
  await site.start();
  uuid = await site.upload('figures.mp4', 10, '1280x720');
  // On a slow line the smallest quality plays first, so it has to be there.
  await site.allMade(uuid);
  browser = await openBrowser();
});

after(async () => {
  await browser?.close();
  await site.close();
});

/** Counts what crosses the wire, pictures and media apart. */
async function count(page, path, act = async () => undefined) {
  const network = await page.context().newCDPSession(page);
  await network.send('Network.enable');
  const kinds = new Map();
  const sum = { bytes: 0, requests: 0 };
  network.on('Network.responseReceived', (event) => kinds.set(event.requestId, event.type));
  network.on('Network.requestWillBeSent', (event) => (sum.requests += event.request.url.startsWith('http') ? 1 : 0));
  network.on('Network.loadingFinished', (event) => {
    if (!['Image', 'Media', 'XHR'].includes(kinds.get(event.requestId))) sum.bytes += event.encodedDataLength;
  });
  await page.addInitScript(() => {
    window.shift = 0;
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries()) if (!entry.hadRecentInput) window.shift += entry.value;
    }).observe({ type: 'layout-shift', buffered: true });
  });
  await page.goto(site.base + path, { waitUntil: 'networkidle' });
  await act();
  sum.shift = await page.evaluate(() => window.shift);
  return sum;
}

test('the first view of the front page', async () => {
  const page = await openPage(browser);
  const { bytes, requests, shift } = await count(page, '/');
  const pictures = await page.evaluate(() => performance.getEntriesByType('resource').filter((entry) => entry.initiatorType === 'img').length);
  console.log(`front page: ${(bytes / 1024).toFixed(1)} KB without pictures, ${requests - pictures} requests besides ${pictures} pictures, shift ${shift.toFixed(4)}`);
  assert.ok(bytes <= 60 * 1024, `${bytes} bytes`);
  assert.ok(requests <= 12 + pictures, `${requests} requests`);
  assert.ok(shift <= 0.02, `layout shift ${shift}`);
});

test('the first view of the watch page', async () => {
  const page = await openPage(browser);
  // The engine is fetched when the page is quiet; before that the page is ready to press play.
  await page.addInitScript(() => (window.requestIdleCallback = () => 0));
  const before = await count(page, `/w/${uuid}`);
  const second = await openPage(browser);
  const whole = await count(second, `/w/${uuid}`, async () => {
    await second.evaluate(() => document.querySelector('vidicon-player').play());
    await until('the first frame', 20, () => second.evaluate(() => document.querySelector('video').currentTime > 0));
  });
  console.log(`watch page: ${(before.bytes / 1024).toFixed(1)} KB before play, ${(whole.bytes / 1024).toFixed(1)} KB with player and engine, shift ${whole.shift.toFixed(4)}`);
  assert.ok(before.bytes <= 70 * 1024, `${before.bytes} bytes before play`);
  assert.ok(whole.bytes <= 200 * 1024, `${whole.bytes} bytes with the engine`);
  assert.ok(Math.max(before.shift, whole.shift) <= 0.02, `layout shift ${whole.shift}`);
});

for (const [name, limit, slow] of [
  ['here', 1000, null],
  ['over 1.6 Mbit/s and 150 ms', 3000, { offline: false, latency: 150, downloadThroughput: 200_000, uploadThroughput: 96_000 }],
]) {
  test(`the first frame ${name}`, async () => {
    // The machine of a test run is shared: the best of three counts.
    const times = [];
    while (times.length < 3 && !(Math.min(...times) <= limit)) times.push(await firstFrame(slow));
    const took = Math.min(...times);
    console.log(`first frame ${name}: ${Math.round(took)} ms after navigation, wanted ${limit}`);
    assert.ok(took <= limit, `${times.map(Math.round)} ms`);
  });
}

async function firstFrame(slow) {
  const page = await openPage(browser);
  if (slow) {
    const network = await page.context().newCDPSession(page);
    await network.send('Network.enable');
    await network.send('Network.emulateNetworkConditions', slow);
  }
  await page.addInitScript(() => document.addEventListener('playing', () => (window.played ??= performance.now()), true));
  await page.goto(`${site.base}/w/${uuid}?autoplay=1`);
  await until('the first frame', 30, () => page.evaluate(() => window.played));
  const took = await page.evaluate(() => window.played);
  await page.context().close();
  return took;
}

test('the server renders each page in a few milliseconds', async () => {
  for (const path of ['/', `/w/${uuid}`, '/search?search=river', '/videos/trending']) {
    const times = [];
    for (let round = 0; round < 30; round += 1) {
      const start = performance.now();
      await (await fetch(site.base + path)).arrayBuffer();
      times.push(performance.now() - start);
    }
    times.sort((a, b) => a - b);
    console.log(`${path.replace(uuid, '…')}: ${times[15].toFixed(1)} ms at p50`);
    assert.ok(times[15] < 250, `${path}: ${times[15]} ms`);
  }
});
