// Every page in light, dark, on a small screen and right to left: axe-core finds nothing that stands in anybody's way,
// nothing sticks out, nothing fails, nothing goes elsewhere.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { after, before, describe, test } from 'node:test';
import { faults, making, running, visiting, withoutRow } from './all-pages.mjs';
import { furnish } from './furnish.mjs';
import { logIn, openBrowser, openPage, picture, Site } from './site.mjs';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const rules = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];
const site = new Site();
let browser, life, visitors, users;

before(async () => {
  site.env = { VIDICON__SERVER__ALLOW_PRIVATE_ADDRESSES: 'true' };
  site.seed(40);
  await site.start();
  browser = await openBrowser();
  const seeded = await (await fetch(`${site.base}/api/v1/videos?count=8&sort=-comments`)).json();
  const mine = await site.upload('night-ferry.mp4', 4, '426x240', { description: '0:00 The harbour\n0:02 Out on the water', category: 4, 'tags[0]': 'light' });
  life = await furnish(site, [mine, ...seeded.data.map((video) => video.uuid)]);
  visitors = visiting(life);
  users = { home: visitors.home, watch: visitors.watch, ...making(life), ...running(life) };
});

after(async () => {
  life?.close();
  await browser?.close();
  await site.close();
});

test('every route that is a page is looked at', () => {
  assert.deepEqual(withoutRow({ ...visitors, ...users }), []);
});

const ways = {
  light: { viewport: { width: 1440, height: 800 } },
  dark: { colorScheme: 'dark' },
  small: { viewport: { width: 360, height: 740 } },
  'right to left': { locale: 'ar' },
};

describe('every page', { concurrency: true }, () => {
  for (const [name, options] of Object.entries(ways)) {
    test(name, async () => {
      // The page's own policy forbids scripts of others, so axe is let past it.
      const page = await openPage(browser, { ...options, bypassCSP: true });
      await page.context().addInitScript(axe);
      const found = [];
      for (const [key, path] of Object.entries(visitors)) found.push(...(await look(page, name, key, path)));
      await logIn(page, site);
      for (const [key, path] of Object.entries(users)) found.push(...(await look(page, name, key, path)));
      assert.deepEqual(found, []);
      await page.context().close();
    });
  }
});

/** What is wrong with one page. */
async function look(page, way, key, path) {
  const answer = await page.goto(site.base + path, { waitUntil: 'networkidle' });
  const wanted = faults[path.split('?')[0]] ?? 200;
  const found = answer.status() === wanted ? [] : [`status ${answer.status()}`];
  if (wanted === 200) found.push(...page.faults);
  page.faults.length = 0;
  const out = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
  if (out > 0) found.push(`sticks out by ${out} px`);
  if (out > 0) await picture(page, `${key}-${way.replaceAll(' ', '-')}`);
  const { violations } = await page.evaluate((runOnly) => window.axe.run(document, { runOnly, resultTypes: ['violations'] }), rules);
  for (const it of violations.filter(({ impact }) => impact === 'serious' || impact === 'critical')) {
    found.push(`${it.id}: ${it.nodes.map((node) => node.html.slice(0, 160)).slice(0, 3).join(' | ')}`);
  }
  return found.map((it) => `${way}, ${path}: ${it}`);
}
