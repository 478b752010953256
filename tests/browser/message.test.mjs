// What the player says when it cannot go on, and that it goes on when it can again.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { openBrowser, openPage, Site, until } from './site.mjs';

const site = new Site();
let browser;
let uuid;

before(async () => {
  await site.start();
  uuid = await site.upload('message.mp4', 150, '320x180');
  browser = await openBrowser();
});

after(async () => {
  await browser?.close();
  await site.close();
});

const play = (page) => page.evaluate(() => void document.querySelector('vidicon-player').play().catch(() => {}));

const message = (page) =>
  page.evaluate(() => {
    const element = document.querySelector('vidicon-player .message');
    return element && !element.hidden ? element.innerText : '';
  });

const says = (page, words) => until(words, 60, async () => (await message(page)).includes(words));

/** To where nothing is loaded yet. */
const seek = (page) => page.evaluate(() => void (document.querySelector('video').currentTime = 120));

const moves = (page, past) => until(`the picture past ${past}`, 60, () => page.evaluate((at) => document.querySelector('video').currentTime > at, past));

async function change(method, fields) {
  const headers = { authorization: `Bearer ${await site.token()}`, ...(fields ? { 'content-type': 'application/json' } : {}) };
  const answer = await fetch(`${site.base}/api/v1/videos/${uuid}`, { method, headers, body: fields && JSON.stringify(fields) });
  assert.equal(answer.status, 204);
}

test('the player says why it stops, and goes on', async () => {
  const page = await openPage(browser);
  await page.goto(`${site.base}/w/${uuid}`);
  await play(page);
  await moves(page, 0.2);
  await change('PUT', { privacy: 3 });
  await seek(page);
  await says(page, 'You may not watch this.');
  await change('PUT', { privacy: 1 });
  await page.getByRole('button', { name: 'Try again' }).click();
  await moves(page, 120);
  assert.equal(await message(page), '');

  const away = await openPage(browser);
  await away.goto(`${site.base}/w/${uuid}`);
  await play(away);
  await moves(away, 0.2);
  await site.stop();
  await seek(away);
  await says(away, 'The video cannot be reached.');
  await site.start();
  await away.getByRole('button', { name: 'Try again' }).click();
  await moves(away, 120);

  const late = await openPage(browser);
  await late.goto(`${site.base}/w/${uuid}`);
  await play(late);
  await moves(late, 0.2);
  await change('DELETE');
  await seek(late);
  await says(late, 'The video is gone.');
});
