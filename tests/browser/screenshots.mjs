// Makes the pictures of docs/screenshots: every page in light, dark, on a phone and right to left, on three sheets: of
// visitors, of those who make videos, of those who run the place. The works that they show are made here, of ffmpeg's
// own patterns. `EACH=folder` keeps every page whole in that folder too, `ONLY=words` takes the pages whose name has it.
import { execFile } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { faults, making, running, visiting } from './all-pages.mjs';
import { furnish } from './furnish.mjs';
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
site.env = { VIDICON__SERVER__ALLOW_PRIVATE_ADDRESSES: 'true' };
await site.start();
const videos = [];
for (const [name, pattern, seconds] of works) videos.push(await show(name, pattern, seconds));
const life = await furnish(site, videos);
const sheets = {
  visitors: { ...visiting(life), 'watch-tall': `/w/${videos[1]}` },
  makers: making(life),
  administration: running(life),
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
    const wanted = Object.entries(pages).filter(([key]) => !process.env.ONLY || key.includes(process.env.ONLY));
    const rows = await Promise.all(Object.keys(looks).map(async (look) => {
      const row = [];
      for (const [key, path] of wanted) row.push(await take((name === 'visitors' ? guests : users)[look], look, key, path));
      return row;
    }));
    const pictures = wanted.flatMap((_, at) => rows.map((row) => row[at]));
    if (!process.env.ONLY) await sheet(name, pictures);
  }
} finally {
  life.close();
  await browser.close();
  await site.close();
}

/** One picture for the sheet; the whole page too where that is wanted. */
async function take(page, look, name, path) {
  const answer = await page.goto(site.base + path, { waitUntil: 'networkidle' });
  if (answer.status() !== (faults[path.split('?')[0]] ?? 200)) console.log(`${path}: ${answer.status()}`);
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

/** Makes a work, uploads it, and gives its short UUID once it plays. */
async function show(name, pattern, seconds) {
  const path = join(site.folder, `${name.replace(/\W+/g, '-')}.mp4`);
  const sound = ['-f', 'lavfi', '-i', 'sine=frequency=220'];
  const coding = ['-c:v', 'libx264', '-preset', 'veryfast', '-pix_fmt', 'yuv420p', '-g', '50', '-c:a', 'aac'];
  await promisify(execFile)('ffmpeg', ['-v', 'error', '-y', '-f', 'lavfi', '-i', pattern, ...sound, '-t', String(seconds), ...coding, path]);
  const uuid = await site.send(path, { name, category: 4, licence: 1, language: 'en', description, 'tags[0]': 'light', 'tags[1]': 'tube' });
  return (await (await fetch(`${site.base}/api/v1/videos/${uuid}`)).json()).shortUUID;
}
