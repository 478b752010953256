// Every page on a small screen and a large one: nothing sticks out, nothing fails, nothing goes elsewhere.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { making, running } from './all-pages.mjs';
import { logIn, openBrowser, openPage, picture, Site } from './site.mjs';

const site = new Site();
let browser;
const pages = ['/', '/login', '/signup', '/forgot', '/search?search=river'];
before(async () => {
  site.seed(60);
  await site.start();
  browser = await openBrowser();
});

after(async () => {
  await browser?.close();
  await site.close();
});

for (const [name, width] of [['small', 360], ['large', 1440]]) {
  test(`no page sticks out of a ${name} screen`, async () => {
    const page = await openPage(browser, { viewport: { width, height: 800 } });
    const videos = await (await fetch(`${site.base}/api/v1/videos?count=1`)).json();
    for (const path of [...pages, `/w/${videos.data[0].shortUUID}`, `/c/${videos.data[0].channel.name}`]) {
      await look(page, path, width, name);
    }
    await logIn(page, site);
    const headers = { authorization: `Bearer ${await site.token()}` };
    const { data } = await (await fetch(`${site.base}/api/v1/users/me/videos?count=1`, { headers })).json();
    const some = data[0] ?? videos.data[0];
    for (const path of [...making(some.uuid), ...running]) await look(page, path, width, name);
    assert.deepEqual(page.faults, []);
  });
}

async function look(page, path, width, name) {
  const answer = await page.goto(site.base + path);
  assert.equal(answer.status(), 200, path);
  await picture(page, `${name}-${path.split('?')[0].split('/').filter(Boolean).slice(0, 3).join('-') || 'home'}`);
  const wide = await page.evaluate(() => document.documentElement.scrollWidth);
  assert.ok(wide <= width, `${path} is ${wide} px wide on ${width}`);
}
