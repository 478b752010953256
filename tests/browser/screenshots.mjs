// Makes the pictures of docs/screenshots: every page of visitors in light, dark and on a phone, and one sheet with all
// of them. The works that they show are made here, of ffmpeg's own patterns.
import { execFile } from 'node:child_process';
import { mkdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { logIn, openBrowser, openPage, Site } from './site.mjs';

const out = join(dirname(fileURLToPath(import.meta.url)), '..', '..', 'docs', 'screenshots');
mkdirSync(out, { recursive: true });

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
await talk(first);
const list = await keep(videos.slice(0, 5));

const pages = {
  home: '/',
  watch: `/w/${first}`,
  'watch-tall': `/w/${tall}`,
  playlist: `/w/p/${list}`,
  'playlist-watch': `/w/p/${list}?playlistPosition=2`,
  channel: '/c/root_channel',
  account: '/a/root',
  search: '/search?search=light',
  list: '/videos/trending',
  about: '/about',
  login: '/login',
  follow: `/remote-interaction?uri=${encodeURIComponent(`${site.base}/video-channels/root_channel`)}`,
  'not-found': '/nothing',
  embed: `/videos/embed/${first}`,
};
const own = { subscriptions: '/subscriptions', history: '/my/history', playlists: '/my/playlists' };
const looks = {
  light: { viewport: { width: 1280, height: 800 } },
  dark: { viewport: { width: 1280, height: 800 }, colorScheme: 'dark' },
  phone: { viewport: { width: 360, height: 740 } },
  rtl: { viewport: { width: 1280, height: 800 }, locale: 'ar' },
};

const browser = await openBrowser();
try {
  const pictures = [];
  for (const [look, options] of Object.entries(looks)) {
    const page = await openPage(browser, options);
    const take = async (name, path) => {
      await page.goto(site.base + path, { waitUntil: 'networkidle' });
      await page.waitForTimeout(400);
      const picture = await page.screenshot(look === 'light' && ['home', 'watch', 'channel'].includes(name) ? { path: join(out, `${name}.png`) } : { type: 'jpeg', quality: 80 });
      pictures.push([`${name}, ${look}`, look, picture]);
    };
    for (const [name, path] of Object.entries(pages)) await take(name, path);
    await logIn(page, site);
    for (const [name, path] of Object.entries(own)) await take(name, path);
  }
  await sheet(pictures);
} finally {
  await browser.close();
  await site.close();
}

/** One picture of all pictures. */
async function sheet(pictures) {
  const page = await openPage(browser, { viewport: { width: 2000, height: 1000 } });
  const figures = pictures.map(([name, look, picture]) => {
    const kind = picture[0] === 0xff ? 'jpeg' : 'png';
    return `<figure class="${look}"><img src="data:image/${kind};base64,${picture.toString('base64')}"><figcaption>${name}</figcaption></figure>`;
  });
  await page.setContent(`<style>body{margin:32px;background:#8a8d90;font:14px sans-serif;display:flex;flex-wrap:wrap;gap:20px}figure{margin:0;width:304px}.phone{width:150px}img{width:100%;display:block}figcaption{padding-top:4px}</style>${figures.join('')}`);
  await page.screenshot({ path: join(out, 'contact-sheet.jpg'), type: 'jpeg', quality: 72, fullPage: true });
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
