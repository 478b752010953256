// Makes the pictures of docs/screenshots: every page in light, dark, on a phone and right to left, on three sheets: of
// visitors, of those who make videos, of those who run the place. The works that they show are made here, of ffmpeg's
// own patterns. `EACH=folder` keeps every page whole in that folder too, `ONLY=words` takes the pages whose name has it.
import { execFile } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { logIn, openBrowser, openPage, Site } from './site.mjs';

const out = join(dirname(fileURLToPath(import.meta.url)), '..', '..', 'docs', 'screenshots');
const each = process.env.EACH;
for (const folder of [out, each]) if (folder) mkdirSync(folder, { recursive: true });

const works = [
  ['Night ferry, four oscillators', 'gradients=s=1280x720:c0=#1b1464:c1=#ff7a3d:c2=#ffd9a0:c3=#0b0b2a:n=4:speed=0.008:seed=5', 24],
  ['Stairwell, ascending', 'gradients=s=540x960:c0=#101018:c1=#8f7fd6:c2=#f0e8ff:n=3:speed=0.01:seed=11', 18],
  ['Into the set, and out of it again', 'mandelbrot=s=1280x536:rate=25:start_scale=0.6', 20],
  ['Magnet study no. 4', 'gradients=s=960x720:c0=#00343a:c1=#18b7a0:c2=#ffd34d:n=3:type=spiral:speed=0.01:seed=3', 16],
  ['Life, ruled', 'life=s=640x640:mold=12:r=25:ratio=0.12:death_color=#351a4d:life_color=#f2c14e:seed=9', 14],
  ['Feedback, first light', 'cellauto=s=1280x720:rule=30:scroll=1:seed=4', 15],
  ['Red shift', 'gradients=s=1280x720:c0=#3a0010:c1=#ff2d55:c2=#ffe0e6:n=3:type=radial:speed=0.02:seed=21', 12],
  ['A field in April', 'gradients=s=1280x720:c0=#0d3311:c1=#7bd34f:c2=#e9f7c8:n=3:type=circular:speed=0.006:seed=8', 22],
];
const description = '0:00 The harbour\n0:06 Out on the water\n0:12 Nothing but light\n\nFour oscillators and a ferry timetable. Filmed off a tube that was thrown away in 1986.';

const site = new Site();
await site.start();
const headers = { authorization: `Bearer ${await site.token()}` };
const videos = [];
for (const [name, pattern, seconds] of works) videos.push(await show(name, pattern, seconds));
const [first, tall] = videos;
const mira = await person('mira', 'Mira Adler');
await talk(first);
const list = await keep(videos.slice(0, 5));

await fill();

const some = `/my/videos/${first}`;
const sheets = {
  visitors: {
    home: '/',
    watch: `/w/${first}`,
    'watch-tall': `/w/${tall}`,
    playlist: `/w/p/${list}`,
    'playlist-watch': `/w/p/${list}?playlistPosition=2`,
    channel: '/c/root_channel',
    account: '/a/root',
    search: '/search?search=light',
    'search-nothing': '/search?search=zzzz',
    list: '/videos/trending',
    about: '/about',
    login: '/login',
    signup: '/signup',
    forgot: '/forgot',
    follow: `/remote-interaction?uri=${encodeURIComponent(`${site.base}/video-channels/root_channel`)}`,
    'not-found': '/nothing',
    embed: `/videos/embed/${first}`,
  },
  makers: {
    subscriptions: '/subscriptions',
    history: '/my/history',
    playlists: '/my/playlists',
    upload: '/upload',
    videos: '/my/videos',
    edit: some,
    captions: `${some}/captions/en`,
    figures: `${some}/figures`,
    shares: `${some}/shares`,
    cut: `${some}/cut`,
    notifications: '/my/notifications',
    'words-own': '/my/settings/words',
    'invitations-own': '/my/settings/invitations',
    comments: '/my/comments',
    settings: '/my/settings',
    security: '/my/settings/security',
    'notice-choices': '/my/settings/notices',
    tokens: '/my/settings/tokens',
    logins: '/my/logins',
    'channel-edit': '/my/channels/root_channel',
  },
  administration: {
    setup: '/admin/setup',
    health: '/admin',
    people: '/admin/people',
    person: `/admin/people/${mira}`,
    'person-new': '/admin/people/new',
    groups: '/admin/groups',
    group: '/admin/groups/1',
    invitations: '/admin/invitations',
    joins: '/admin/joins',
    join: '/admin/joins/1',
    reports: '/admin/reports',
    report: '/admin/reports/1',
    'videos-all': '/admin/videos',
    'comments-all': '/admin/comments',
    mutes: '/admin/mutes',
    lists: '/admin/lists',
    words: '/admin/words',
    follows: '/admin/follows',
    followed: '/admin/follows?of=followed',
    webhooks: '/admin/webhooks',
    notes: '/admin/notes/mira',
    pictures: '/admin/pictures',
    names: '/admin/names',
    jobs: '/admin/jobs?state=all',
    log: '/admin/log?show=info',
    changes: '/admin/log?show=changes',
    'place-settings': '/admin/settings',
    styleguide: '/styleguide',
  },
};
const looks = {
  light: { viewport: { width: 1280, height: 800 } },
  dark: { viewport: { width: 1280, height: 800 }, colorScheme: 'dark' },
  phone: { viewport: { width: 360, height: 740 } },
  rtl: { viewport: { width: 1280, height: 800 }, locale: 'ar' },
};
const readme = ['home', 'watch', 'channel'];

const browser = await openBrowser();
try {
  const guests = {};
  const users = {};
  for (const [look, options] of Object.entries(looks)) {
    guests[look] = await openPage(browser, options);
    users[look] = await openPage(browser, options);
    await logIn(users[look], site);
  }
  for (const [name, pages] of Object.entries(sheets)) {
    const pictures = [];
    for (const [key, path] of Object.entries(pages)) {
      if (process.env.ONLY && !key.includes(process.env.ONLY)) continue;
      for (const look of Object.keys(looks)) pictures.push(await take((name === 'visitors' ? guests : users)[look], look, key, path));
    }
    if (!process.env.ONLY) await sheet(name, pictures);
  }
} finally {
  await browser.close();
  await site.close();
}

/** One picture for the sheet; the whole page too where that is wanted. */
async function take(page, look, name, path) {
  const answer = await page.goto(site.base + path, { waitUntil: 'networkidle' });
  if (answer.status() >= 400 && name !== 'not-found') console.log(`${path}: ${answer.status()}`);
  await page.waitForTimeout(300);
  const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
  if (wide > 0) console.log(`${path}, ${look}: sticks out by ${wide} px`);
  if (each) await page.screenshot({ path: join(each, `${name}-${look}.jpg`), type: 'jpeg', quality: 70, fullPage: true });
  if (look === 'light' && readme.includes(name)) await page.screenshot({ path: join(out, `${name}.png`) });
  return [`${name}, ${look}`, look, await page.screenshot({ type: 'jpeg', quality: 80 })];
}

/** One picture of all pictures. */
async function sheet(name, pictures) {
  const page = await openPage(browser, { viewport: { width: 1180, height: 1000 } });
  const figures = pictures.map(([label, look, picture]) => {
    return `<figure class="${look}"><img src="data:image/jpeg;base64,${picture.toString('base64')}"><figcaption>${label}</figcaption></figure>`;
  });
  await page.setContent(`<style>body{margin:24px;background:#8a8d90;font:13px sans-serif;display:flex;flex-wrap:wrap;gap:20px;width:1132px}figure{margin:0;width:316px}.phone{width:96px}img{width:100%;display:block}figcaption{padding-top:4px}</style>${figures.join('')}`);
  writeFileSync(join(out, `${name}.jpg`), await page.screenshot({ type: 'jpeg', quality: 68, fullPage: true }));
  await page.context().close();
}

async function ask(path, method, body) {
  const answer = await fetch(`${site.base}/api/v1${path}`, { method, headers: { ...headers, ...(body instanceof FormData ? {} : { 'content-type': 'application/json' }) }, body: body instanceof FormData ? body : JSON.stringify(body) });
  if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`);
  return answer.status === 204 ? null : answer.json();
}

/** Makes a work, uploads it, and gives its short UUID once it plays. */
async function show(name, pattern, seconds) {
  const path = join(site.folder, `${name.replace(/\W+/g, '-')}.mp4`);
  const sound = ['-f', 'lavfi', '-i', 'sine=frequency=220'];
  const coding = ['-c:v', 'libx264', '-preset', 'veryfast', '-pix_fmt', 'yuv420p', '-g', '50', '-c:a', 'aac'];
  await promisify(execFile)('ffmpeg', ['-v', 'error', '-y', '-f', 'lavfi', '-i', pattern, ...sound, '-t', String(seconds), ...coding, path]);
  const me = await (await fetch(`${site.base}/api/v1/users/me`, { headers })).json();
  const body = new FormData();
  const fields = { name, channelId: me.videoChannels[0].id, privacy: 1, category: 4, licence: 1, language: 'en', description, 'tags[0]': 'light', 'tags[1]': 'tube' };
  for (const [key, value] of Object.entries(fields)) body.append(key, String(value));
  body.append('videofile', new Blob([readFileSync(path)], { type: 'video/mp4' }), 'work.mp4');
  const { video } = await ask('/videos/upload', 'POST', body);
  for (let round = 0; round < 600; round += 1) {
    const { state, streamingPlaylists } = await (await fetch(`${site.base}/api/v1/videos/${video.uuid}`, { headers })).json();
    if (state.id === 1 && streamingPlaylists.length > 0) break;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  return video.shortUUID;
}

/** Somebody with an account. */
async function person(username, displayName) {
  const { user } = await ask('/users', 'POST', { username, displayName, email: `${username}@example.org`, password: 'a long password', videoQuota: 5e9, videoQuotaDaily: -1, role: 2 });
  return user.id;
}

/** Acts as somebody else. */
async function as(username, act) {
  const client = await (await fetch(`${site.base}/api/v1/oauth-clients/local`)).json();
  const body = new URLSearchParams({ ...client, grant_type: 'password', username, password: 'a long password' });
  const { access_token: token } = await (await fetch(`${site.base}/api/v1/users/token`, { method: 'POST', body })).json();
  const before = headers.authorization;
  headers.authorization = `Bearer ${token}`;
  await act();
  headers.authorization = before;
}

/** What gives the pages of makers and administrators something to show. */
async function fill() {
  await ask('/config/custom', 'PUT', await settings());
  const asks = { username: 'tomas', email: 'tomas@example.org', password: 'a long password', displayName: 'Tomas Lind', registrationReason: 'I film tides and the machines that measure them.' };
  await fetch(`${site.base}/api/v1/users/registrations/request`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(asks) });
  await as('mira', async () => {
    await ask(`/videos/${first}/comment-threads`, 'POST', { text: 'I saw this on a wall in Rotterdam and have looked for it since.' });
    await ask(`/videos/${videos[2]}/comment-threads`, 'POST', { text: 'How long did one frame take?' });
    const { id } = await (await fetch(`${site.base}/api/v1/videos/${videos[6]}`)).json();
    await ask('/abuses', 'POST', { reason: 'This flickers and says nothing about it.', predefinedReasons: ['serverRules'], video: { id, startAt: 3 } });
    await ask('/users/me/subscriptions', 'POST', { uri: `root_channel@${new URL(site.base).host}` });
  });
  await ask('/server/blocklist/servers', 'POST', { host: 'spam.example' });
  const { userGroup } = await ask('/user-groups', 'POST', { name: 'Night crew', description: 'Those who film after dark', videoQuota: 2e10 });
  await ask(`/user-groups/${userGroup.id}/members`, 'POST', { username: 'mira' });
  await ask('/users/me/invitations', 'POST', { note: 'For the festival', maxUses: 5 });
  await ask('/watched-words/server/lists', 'POST', { listName: 'Spam', words: ['coin', 'pills', 'casino'] });
  await ask('/watched-words/accounts/root/lists', 'POST', { listName: 'Not here', words: ['spoiler'] });
  await ask('/accounts/mira/moderator-notes', 'POST', { note: 'Writes good reports. Worth an answer each time.' });
  await ask('/webhooks', 'POST', { url: 'https://tools.example/video', events: ['video.published', 'comment.created'] });
  await ask(`/videos/${first}/shares`, 'POST', { kind: 'link', label: 'The jury', viewLimit: 12 });
  await ask(`/videos/${first}/shares`, 'POST', { kind: 'user', username: 'mira' });
  const captions = new FormData();
  captions.append('captionfile', new Blob(['WEBVTT\n\n00:00.000 --> 00:04.000\nThe harbour, before anybody is up.\n\n00:05.000 --> 00:09.000\nOut on the water.\n']), 'en.vtt');
  await ask(`/videos/${first}/captions/en`, 'PUT', captions);
  for (const [index, video] of videos.slice(0, 4).entries()) await ask(`/videos/${video}/views`, 'POST', { currentTime: 4 + index });
  await ask('/users/me/subscriptions', 'POST', { uri: `root_channel@${new URL(site.base).host}` });
}

async function settings() {
  const tree = await (await fetch(`${site.base}/api/v1/config/custom`, { headers })).json();
  tree.instance.name = 'The Harbour';
  tree.instance.shortDescription = 'Films from the coast';
  tree.videoStudio.enabled = true;
  tree.signup = { ...tree.signup, enabled: true, requiresApproval: true };
  return tree;
}

async function talk(video) {
  const { comment } = await ask(`/videos/${video}/comment-threads`, 'POST', { text: 'The second oscillator comes in so late that I had stopped waiting for it.' });
  await ask(`/videos/${video}/comments/${comment.id}`, 'POST', { text: 'That is **exactly** where it should be.' });
  await ask(`/videos/${video}/comment-threads`, 'POST', { text: 'What tube is this?' });
}

async function keep(list) {
  const me = await (await fetch(`${site.base}/api/v1/users/me`, { headers })).json();
  const body = new FormData();
  for (const [key, value] of Object.entries({ displayName: 'Slow light', privacy: 1, videoChannelId: me.videoChannels[0].id })) body.append(key, String(value));
  const { videoPlaylist } = await ask('/video-playlists', 'POST', body);
  for (const short of list) {
    const { id } = await (await fetch(`${site.base}/api/v1/videos/${short}`, { headers })).json();
    await ask(`/video-playlists/${videoPlaylist.id}/videos`, 'POST', { videoId: id });
  }
  return videoPlaylist.shortUUID;
}
