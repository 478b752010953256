// Viewers who share a video: parts come from another viewer; and where that is off, nobody is asked for anything.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { openBrowser, openPage, Site, until } from './site.mjs';

const site = new Site();
let browser;
let uuid;

before(async () => {
  await site.start();
  uuid = await site.upload('shared.mp4', 120, '640x360');
  await site.allMade(uuid);
  // Names instead of addresses need a network with multicast, which machines of tests seldom have.
  browser = await openBrowser('--disable-features=WebRtcHideLocalIpsWithMdns', '--allow-loopback-in-peer-connection');
});

after(async () => {
  await browser?.close();
  await site.close();
});

async function set(change) {
  const headers = { authorization: `Bearer ${await site.token()}`, 'content-type': 'application/json' };
  const url = `${site.base}/api/v1/config/custom`;
  const settings = await (await fetch(url, { headers })).json();
  change(settings);
  const answer = await fetch(url, { method: 'PUT', headers, body: JSON.stringify(settings) });
  assert.equal(answer.status, 200, await answer.text());
}

/** Somebody watches; `choice` is what they chose in this browser before. */
async function viewer(choice) {
  const page = await openPage(browser);
  page.sockets = [];
  page.scripts = [];
  page.on('websocket', (socket) => page.sockets.push(new URL(socket.url())));
  page.on('request', (request) => request.resourceType() === 'script' && page.scripts.push(new URL(request.url()).pathname));
  await page.addInitScript((chosen) => {
    window.connections = 0;
    window.RTCPeerConnection = class extends window.RTCPeerConnection {
      constructor(...given) {
        super(...given);
        window.connections += 1;
      }
    };
    if (chosen) localStorage.setItem('vidicon-peers', chosen);
  }, choice);
  await page.goto(`${site.base}/w/${uuid}`);
  await page.evaluate(() => void document.querySelector('vidicon-player').play());
  await until('the picture to move', 30, () => page.evaluate(() => document.querySelector('video').currentTime > 1));
  return page;
}

async function isAlone(page) {
  assert.deepEqual(page.sockets, []);
  assert.equal(await page.evaluate(() => window.connections), 0);
  assert.ok(!page.scripts.some((path) => path.includes('/peers-')), `${page.scripts}`);
  assert.deepEqual(page.faults, []);
}

const fromPeers = (page) => page.evaluate(() => Number(document.querySelector('vidicon-player').dataset.fromPeers ?? 0));
const toPeers = (page) => page.evaluate(() => Number(document.querySelector('vidicon-player').dataset.toPeers ?? 0));

test('where it is off nobody is asked for anything, and nothing more is loaded', async () => {
  const page = await viewer('on');
  await isAlone(page);
  await page.context().close();
});

test('a second viewer gets parts from the first, checked against their sums', async () => {
  await set((settings) => {
    settings.tracker.enabled = true;
    settings.defaults.p2p.webapp.enabled = true;
  });
  const first = await viewer();
  const second = await viewer();
  await until('parts from another viewer', 90, async () => (await fromPeers(first)) + (await fromPeers(second)) > 0);
  await until('parts for another viewer', 10, async () => (await toPeers(first)) + (await toPeers(second)) > 0);
  const [a, b] = [await fromPeers(first), await fromPeers(second)];
  console.log(`bytes from another viewer: ${a} and ${b}`);
  for (const page of [first, second]) {
    const { host } = new URL(site.base);
    assert.ok(page.sockets.length > 0);
    assert.ok(page.sockets.every((url) => url.host === host && url.pathname === '/tracker/socket'), `${page.sockets}`);
    const at = await page.evaluate(() => document.querySelector('video').currentTime);
    await until('the picture to go on', 10, () => page.evaluate((before) => document.querySelector('video').currentTime > before + 1, at));
    assert.deepEqual(page.faults, []);
  }

  // One who steps out in the menu is alone from then on.
  const button = second.locator('vidicon-player .controls button[aria-haspopup], vidicon-player .controls button[aria-expanded]').first();
  await second.locator('vidicon-player').hover();
  await button.click();
  await second.getByRole('menuitem', { name: /Other viewers/ }).click();
  assert.match(await second.locator('vidicon-player [role=menu]').innerText(), /internet addresses/);
  await second.getByRole('menuitemradio', { name: 'Off' }).click();
  await until('a place without others', 20, () => second.evaluate(() => document.querySelector('vidicon-player').engine.shares === false));
  second.sockets.length = 0;
  await second.reload();
  await second.evaluate(() => void document.querySelector('vidicon-player').play());
  await until('the picture to move alone', 30, () => second.evaluate(() => document.querySelector('video').currentTime > 0.5));
  assert.deepEqual(second.sockets, []);
  await first.context().close();
  await second.context().close();
});

test('one who has chosen to stay alone stays alone', async () => {
  const page = await viewer('off');
  await isAlone(page);
  await page.context().close();
});
