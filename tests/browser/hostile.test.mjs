// Everything that people can name is named like an attack; then every page is opened, and none has an element that it
// should not have.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { making, running } from './all-pages.mjs';
import { Life, program } from './furnish.mjs';
import { logIn, openBrowser, openPage, Site } from './site.mjs';

const bad = `"><img src=hostile onerror=window.hostile=1></title><script>window.hostile=1</script>'--><b>`;
const short = '"><img src=hostile>';
const site = new Site();
let browser, life, names, video, playlist, group;

const ask = (method, path, body) => life.ask(path, method, body);

before(async () => {
  await site.start();
  life = await Life.of(site);
  await ask('PUT', '/users/me', { displayName: bad, description: bad });
  await ask('PUT', '/video-channels/root_channel', { displayName: bad, description: bad, support: bad });
  const uuid = await site.upload('hostile.mp4', 3, '426x240', { description: bad, support: bad });
  video = await ask('GET', `/videos/${uuid}`, undefined);
  await ask('PUT', `/videos/${uuid}`, { name: bad, tags: [short], description: bad, support: bad });
  await ask('PUT', `/videos/${uuid}/chapters`, { chapters: [{ timecode: 0, title: bad }] });
  const captions = new FormData();
  captions.append('captionfile', new Blob([`WEBVTT\n\n00:00.000 --> 00:02.000\n${bad}\n`]), 'en.vtt');
  await ask('PUT', `/videos/${uuid}/captions/en`, captions);
  await ask('POST', `/videos/${uuid}/comment-threads`, { text: bad });
  await ask('POST', `/videos/${uuid}/shares`, { kind: 'link', label: bad });
  const list = new FormData();
  for (const [key, value] of Object.entries({ displayName: bad, description: bad, privacy: 1, videoChannelId: video.channel.id })) list.append(key, String(value));
  playlist = (await ask('POST', '/video-playlists', list)).videoPlaylist;
  await ask('POST', `/video-playlists/${playlist.id}/videos`, { videoId: video.id });
  group = (await ask('POST', '/user-groups', { name: short, description: bad })).userGroup;
  await ask('POST', '/users/me/invitations', { note: bad });
  await ask('POST', '/watched-words/server/lists', { listName: short, words: [short] });
  await ask('POST', '/watched-words/accounts/root/lists', { listName: short, words: [short] });
  await ask('POST', '/accounts/root/moderator-notes', { note: bad });
  const { abuse } = await ask('POST', '/abuses', { reason: bad, video: { id: video.id } });
  await ask('POST', '/webhooks', { url: 'https://hostile.example/?"><img src=hostile>' });
  const tree = await ask('GET', '/config/custom', undefined);
  Object.assign(tree.instance, { name: bad, shortDescription: bad.slice(0, 200), description: bad, terms: bad, codeOfConduct: bad });
  Object.assign(tree.instance.customizations, { links: `${bad} https://hostile.example/"><img/src=hostile>` });
  Object.assign(tree.broadcastMessage, { enabled: true, message: bad });
  Object.assign(tree.signup, { enabled: true, requiresApproval: true });
  await ask('PUT', '/config/custom', tree);
  await ask('POST', '/users/registrations/request', { username: 'mallory', email: 'm@example.org', password: 'a long password', registrationReason: bad, displayName: bad });
  names = { first: video.uuid, channel: 'root_channel', report: abuse.id, mira: 1, oauth: await program(life, short) };
  browser = await openBrowser();
});

after(async () => {
  await browser?.close();
  await site.close();
});

test('no name becomes a part of a page', async () => {
  const page = await openPage(browser);
  const words = encodeURIComponent(bad);
  const visitors = [
    '/', `/w/${video.shortUUID}`, `/videos/embed/${video.uuid}`, '/c/root_channel', '/a/root', `/w/p/${playlist.shortUUID}`, '/about',
    `/search?search=${words}`, `/search?tagsOneOf=${words}`, `/tags/${words}`, '/videos/trending', '/signup', `/login?next=${words}`, `/nothing/${words}`,
  ];
  for (const path of visitors) await look(page, path);
  await logIn(page, site);
  const pages = { ...making(names), ...running(names), notes: '/admin/notes/root', group: `/admin/groups/${group.id}` };
  for (const path of [...Object.values(pages), `/admin/people?search=${words}`]) await look(page, path);
});

async function look(page, path) {
  await page.goto(site.base + path, { waitUntil: 'load' });
  const found = await page.evaluate(() => {
    const scripts = [...document.querySelectorAll('script:not([src])')];
    for (const script of scripts) if (/json/.test(script.type)) JSON.parse(script.textContent);
    return {
      pictures: document.querySelectorAll('img[src*="hostile"]').length,
      scripts: scripts.filter((script) => !/json/.test(script.type)).length,
      ran: window.hostile !== undefined,
      titles: document.head.querySelectorAll('title').length,
      listeners: document.querySelectorAll('[onerror], [onload], [onclick]').length,
    };
  });
  assert.deepEqual(found, { pictures: 0, scripts: 0, ran: false, titles: 1, listeners: 0 }, path);
}

test('feeds and descriptions stay what they are', async () => {
  const page = await openPage(browser);
  await page.goto(`${site.base}/about`);
  const feeds = ['/feeds/videos.xml', '/feeds/videos.atom', `/feeds/podcast/videos.xml?videoChannelId=${video.channel.id}`, '/feeds/video-comments.xml', '/sitemap.xml', '/opensearch.xml'];
  for (const path of feeds) {
    const text = await (await fetch(site.base + path)).text();
    const wrong = await page.evaluate((xml) => {
      const tree = new DOMParser().parseFromString(xml, 'text/xml');
      return [...tree.querySelectorAll('parsererror, img, script')].map((it) => it.nodeName);
    }, text);
    assert.deepEqual(wrong, [], path);
  }
  for (const path of ['/feeds/videos.json', `/services/oembed?url=${encodeURIComponent(`${site.base}/w/${video.shortUUID}`)}`, '/manifest.webmanifest']) {
    const json = await (await fetch(site.base + path)).json();
    if (json.html) assert.doesNotMatch(json.html, /<img|<script/);
  }
});
