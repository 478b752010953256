// The embedded player in a page of another site, steered by PeerTube's own embed API from npm.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import { after, before, test } from 'node:test';
import { openBrowser, openPage, Site, until } from './site.mjs';

const site = new Site();
const api = createRequire(import.meta.url).resolve('@peertube/embed-api').replace(/dist\/player\.js$/, 'build/player.min.js');
let browser, parent, uuid, closed;

before(async () => {
  await site.start();
  uuid = await site.upload('steered.mp4', 8);
  closed = await site.upload('closed.mp4', 2, '854x480', { privacy: 5, 'videoPasswords[0]': 'open sesame' });
  parent = createServer((request, response) => {
    const script = request.url === '/api.js';
    response.setHeader('content-type', script ? 'text/javascript' : 'text/html');
    const target = new URL(request.url, 'http://x').searchParams.get('video');
    const source = `${site.base}/videos/embed/${target}?api=1&muted=1`;
    response.end(script ? readFileSync(api) : `<!doctype html><script src="/api.js"></script><iframe width="640" height="360" src="${source}" allow="autoplay"></iframe>`);
  });
  await new Promise((resolve) => parent.listen(0, '127.0.0.1', resolve));
  browser = await openBrowser();
});

after(async () => {
  await browser?.close();
  parent?.close();
  await site.close();
});

test('the embed API steers the player', async () => {
  const page = await open(uuid);
  await page.evaluate(async () => {
    const { PeerTubePlayer } = window;
    window.player = new PeerTubePlayer(document.querySelector('iframe'));
    window.heard = [];
    for (const name of ['playbackStatusChange', 'playbackStatusUpdate', 'volumeChange', 'play', 'pause', 'resolutionUpdate']) {
      window.player.addEventListener(name, (value) => window.heard.push([name, value]));
    }
    await window.player.ready;
  });
  const call = (name, ...values) => page.evaluate(([name, values]) => window.player[name](...values), [name, values]);
  assert.equal(await call('isPlaying'), false);
  await call('play');
  await until('it to play', 20, async () => (await call('getCurrentTime')) > 0.5);
  assert.equal(await call('isPlaying'), true);
  await call('pause');
  assert.equal(await call('isPlaying'), false);
  await call('seek', 4);
  await until('the other place', 10, async () => Math.abs((await call('getCurrentTime')) - 4) < 0.5);
  await call('setVolume', 0.5);
  await call('setPlaybackRate', 1.5);
  assert.equal(await call('getPlaybackRate'), 1.5);
  assert.ok((await call('getPlaybackRates')).includes(2));
  const sizes = await call('getResolutions');
  const size = sizes.find((one) => one.height > 0);
  assert.ok(size && sizes.some((one) => one.id === -1), JSON.stringify(sizes));
  await call('setResolution', size.id);
  assert.deepEqual(await call('getCaptions'), []);
  const heard = await page.evaluate(() => window.heard.map(([name]) => name));
  for (const name of ['playbackStatusChange', 'playbackStatusUpdate', 'play', 'pause']) assert.ok(heard.includes(name), `${name} in ${heard}`);
  const update = await page.evaluate(() => window.heard.find(([name]) => name === 'playbackStatusUpdate')[1]);
  assert.ok(Number(update.duration) > 7 && 'position' in update && 'volume' in update && 'playbackState' in update, JSON.stringify(update));
});

test('a password opens the player in the frame', async () => {
  const page = await open(closed);
  const frame = page.frameLocator('iframe');
  await frame.locator('input[type=password]').fill('open barley');
  await frame.locator('button[type=submit]').click();
  await frame.getByText('That password does not fit.').waitFor();
  await frame.locator('input[type=password]').fill('open sesame');
  await frame.locator('button[type=submit]').click();
  await frame.locator('vidicon-player[data-ready]').waitFor();
  await frame.locator('.big-play').click();
  const playing = () => page.frames()[1].evaluate(() => document.querySelector('video').currentTime > 0.3);
  await until('the closed video to play', 20, playing);
});

async function open(video) {
  const page = await openPage(browser);
  await page.goto(`http://127.0.0.1:${parent.address().port}/?video=${video}`);
  return page;
}
