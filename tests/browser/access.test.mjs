// What axe-core finds on every page: light, dark, on a small screen, right to left.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { after, before, test } from 'node:test';
import { making, running } from './all-pages.mjs';
import { logIn, openBrowser, openPage, Site } from './site.mjs';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const site = new Site();
let browser, own, paths;

before(async () => {
  site.seed(40);
  await site.start();
  browser = await openBrowser();
  const headers = { authorization: `Bearer ${await site.token()}` };
  const mine = await (await fetch(`${site.base}/api/v1/users/me/videos?count=1`, { headers })).json();
  const { data } = await (await fetch(`${site.base}/api/v1/videos?count=1&sort=-comments`)).json();
  const [video] = data;
  own = mine.data[0]?.uuid ?? video.uuid;
  paths = [
    '/', '/search?search=river', '/videos/trending', '/login', '/about', '/nothing', `/w/${video.shortUUID}`,
    `/videos/embed/${video.uuid}`, `/c/${video.channel.name}`, `/a/${video.account.name}`,
    `/remote-interaction?uri=${encodeURIComponent(video.channel.url)}`,
  ];
});

after(async () => {
  await browser?.close();
  await site.close();
});

const ways = {
  light: {},
  dark: { colorScheme: 'dark' },
  small: { viewport: { width: 360, height: 740 } },
  'right to left': { locale: 'ar' },
};

for (const [name, options] of Object.entries(ways)) {
  test(`nothing stands in anybody's way: ${name}`, async () => {
    // The page's own policy forbids scripts of others, so axe is let past it.
    const page = await openPage(browser, { ...options, bypassCSP: true });
    const found = [];
    for (const path of paths) found.push(...(await look(page, path)));
    await logIn(page, site);
    for (const path of ['/', paths[6], ...making(own), ...running]) found.push(...(await look(page, path)));
    assert.deepEqual(found, []);
  });
}

async function look(page, path) {
  await page.goto(site.base + path, { waitUntil: 'networkidle' });
  await page.evaluate(axe);
  const result = await page.evaluate(() => window.axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'] }));
  return result.violations
    .filter((it) => it.impact === 'serious' || it.impact === 'critical')
    .map((it) => `${path}: ${it.id}: ${it.nodes.map((node) => node.html.slice(0, 160)).slice(0, 3).join(' | ')}`);
}
