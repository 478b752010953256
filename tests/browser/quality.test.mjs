// From one quality to another while a video plays: between the copied top rung and encoded ones nothing stands still.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { openBrowser, openPage, Site, until } from './site.mjs';

const site = new Site();
let browser;
let uuid;

before(async () => {
  await site.start();
  // Small enough to be taken as it is, and of a profile by which it is known.
  site.coding = ['-preset', 'veryfast', '-profile:v', 'main', '-b:v', '1200k', '-maxrate', '1500k', '-bufsize', '2400k'];
  uuid = await site.upload('quality.mp4', 24, '1280x720');
  await site.allMade(uuid);
  browser = await openBrowser();
});

after(async () => {
  await browser?.close();
  await site.close();
});

test('a change of quality across the joint of copied and encoded rungs is not seen', async () => {
  const details = await (await fetch(`${site.base}/api/v1/videos/${uuid}`)).json();
  const master = await (await fetch(details.streamingPlaylists[0].playlistUrl)).text();
  const profiles = [...master.matchAll(/CODECS="avc1\.(..).*RESOLUTION=\d+x(\d+)/g)].map(([, profile, height]) => `${height}: ${profile}`);
  assert.ok(profiles.includes('720: 4d') && profiles.includes('360: 64'), `the top rung is no copy: ${profiles}`);
  const page = await openPage(browser);
  await page.goto(`${site.base}/w/${uuid}`);
  await page.evaluate(() => void document.querySelector('vidicon-player').play());
  await until('the picture to move', 30, () => page.evaluate(() => document.querySelector('video').currentTime > 0.5));
  const keys = await page.evaluate(() => document.querySelector('vidicon-player').engine.qualities().map((it) => [it.key, it.height]));
  const [top] = keys.find(([, height]) => height === 720);
  const [low] = keys.find(([, height]) => height === 360);
  await page.evaluate(() => {
    const video = document.querySelector('video');
    window.waits = 0;
    window.late = [];
    video.addEventListener('waiting', () => (window.waits += 1));
    let before = [performance.now(), video.currentTime];
    // How much the picture falls behind the clock, measured over half a second at a time.
    setInterval(() => {
      const now = [performance.now(), video.currentTime];
      window.late.push(now[0] - before[0] - (now[1] - before[1]) * 1000);
      before = now;
    }, 500);
  });
  const seen = [];
  for (const [key, height] of [[top, 720], [low, 360], [top, 720]]) {
    await page.evaluate((wanted) => document.querySelector('vidicon-player').engine.choose(wanted), key);
    await until(`${height}p`, 20, () => page.evaluate((wanted) => document.querySelector('video').videoHeight === wanted, height));
    const frames = await page.evaluate(() => document.querySelector('video').getVideoPlaybackQuality().totalVideoFrames);
    await page.waitForTimeout(1500);
    const later = await page.evaluate(() => document.querySelector('video').getVideoPlaybackQuality().totalVideoFrames);
    seen.push(later - frames);
  }
  const { waits, late } = await page.evaluate(() => ({ waits: window.waits, late: window.late }));
  const worst = Math.max(...late);
  console.log(`change of quality: at most ${Math.round(worst)} ms late, ${waits} waits, ${seen.join(', ')} frames in 1.5 s after each`);
  assert.ok(worst < 100, `stood still for ${worst} ms: ${late.map(Math.round)}`);
  assert.equal(waits, 0);
  assert.ok(seen.every((frames) => frames > 10), `frames ${seen}`);
  assert.deepEqual(page.faults, []);
});
